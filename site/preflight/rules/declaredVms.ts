import { isSnapshot, text } from "../../../drift/resources";
import { breaches, type Judge } from "./breach";
import type { Declared } from "./rule";

/** A VM snapshot says what it is: memory or a quiesced guest, not both. */
export const judgeVmOptions: Judge = (resources) =>
  resources
    .filter(({ type }) => isSnapshot(type))
    .flatMap((one) => {
      const { description, memory, quiesce } = one.inputs;
      return breaches("vm-options", one, [
        [text(description) === "", "it has no description, so that nobody sees whose it is"],
        [
          typeof memory !== "boolean" || typeof quiesce !== "boolean",
          "memory or quiesce is not said",
        ],
        [
          memory === true && quiesce === true,
          "memory and quiesce are both asked for, and vSphere takes one",
        ],
      ]);
    });

/** Limit of a vCenter task that the provider has by itself, in minutes. */
const OWN_TIMEOUT = 5;

/** Nothing removes snapshots of others, or a taken one before its successor, and no task is given up too early. */
export const judgeVmEnds: Judge = (resources) => {
  const snapshots = resources.filter(({ type }) => isSnapshot(type));
  const providers = snapshots.length === 0 ? [] : resources.filter(isVsphere);
  return [
    ...snapshots.flatMap((one) =>
      breaches("vm-ends", one, [
        [
          one.inputs["removeChildren"] !== false,
          "removeChildren is not false: later snapshots of others would go with it",
        ],
        [
          one.deleteBeforeReplace,
          "deleteBeforeReplace: the state before the upgrade would go before another is taken",
        ],
      ]),
    ),
    ...providers.flatMap((one) =>
      breaches("vm-ends", one, [
        [
          !(Number(one.inputs["apiTimeout"]) > OWN_TIMEOUT),
          `apiTimeout is not more than ${OWN_TIMEOUT} minutes: a large snapshot would stay outside the state`,
        ],
      ]),
    ),
  ];
};

function isVsphere({ type }: Declared): boolean {
  return type === "pulumi:providers:vsphere";
}
