/** One sentence that says what to do; nothing was changed unless it says so. */
export class CatalogError extends Error {
  override readonly name = "CatalogError";
}

/** Another run wrote the record meanwhile. */
export class CatalogConflict extends CatalogError {}
