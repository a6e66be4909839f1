/**
 * The sample product of the lab: what the restore points of the stack `lab` are taken of. Nothing of it is a real
 * product; its containers are played, and only Jobs that the lab itself runs write into its volumes.
 */
export { MANIFEST, writeProductBytes, type ProductBytes } from "./product/bytes";
export { ensureProduct, installProduct, type InstallOptions } from "./product/install";
export {
  FIRST_RELEASE,
  HELM_RELEASE,
  NEXT_RELEASE,
  PRODUCT_CLAIMS,
  PRODUCT_CLASS,
  PRODUCT_NAMESPACE,
  PRODUCT_PARTS,
  type ProductClaim,
  type ProductPart,
} from "./product/parts";
