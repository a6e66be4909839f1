import { sharedDataPlane } from "../lab/support/dataPlane";
import type { LabSystems } from "../support/labSystems";
import { KILLED_VOLUMES, killAndRecover } from "./volumeTakes";

/** Moments of a step: planned, begun, done, recorded. */
const MOMENTS = 4 * KILLED_VOLUMES;

describe(`a cut of volumes that is killed at each of its ${MOMENTS} moments`, () => {
  let systems: LabSystems;

  before(async () => {
    systems = (await sharedDataPlane()).systems;
  });

  afterEach(() => {
    const store = systems.store();
    store.dropAll(store.load().resources.map(({ urn }) => urn));
    store.fold();
  });

  for (let moment = 1; moment <= MOMENTS; moment += 1) {
    it(`cuts nothing twice, moment ${moment}`, () => killAndRecover(systems, moment));
  }
});
