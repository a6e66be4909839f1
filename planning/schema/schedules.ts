import type { StringOptions } from "@sinclair/typebox";

import { calendarDays, cronExpression, namespaceName, timeZone, words } from "./forms";
import { choice, list, map, optional, text, whole } from "./node";
import { consistency } from "./pointFile";

/** A point's name is that of its cycle with the time after it. */
const cycleName: StringOptions = {
  ...namespaceName,
  maxLength: 40,
  form: 'small letters, digits and "-", beginning and ending with a letter or digit, at most 40 characters',
};

/** Key `windows`. */
export const windows = list(
  "Times in which the site may be worked on: upgrade windows and those of backup cycles. `./atom schedule show` prints the next of each.",
  map("One window.", {
    name: text("Name of the window.", cycleName),
    cron: text(
      "When it begins: minute, hour, day of the month, month, day of the week, in quotes. With both days given, either counts; `L` is the last day of the month.",
      cronExpression,
    ),
    timeZone: text("IANA name of the time zone that `cron` and `blackout` are in.", timeZone),
    durationMinutes: whole("How long it is open, also where clocks change meanwhile.", {
      minimum: 5,
      maximum: 10_080,
      unit: "minutes",
      default: 60,
    }),
    blackout: list(
      "Days, in its time zone, on which it does not begin.",
      text("A day, or the first and the last of several.", calendarDays),
      { default: [] },
    ),
    owner: text("Who answers for what is done in it.", words),
    change: optional(text("Number of the change request.", words)),
  }),
  { default: [] },
);

/** Key `schedules`. */
export const schedules = list(
  "Backup cycles: what `./atom schedule run --due` takes, once in each of a window's times. A time that passed without a run is missed, and not made up for.",
  map("One cycle.", {
    name: text("Name of the cycle; its points are called `<name>-<UTC time>`.", cycleName),
    window: text("Name of the window whose times it runs in.", cycleName),
    takes: choice(
      "`volumes`: every data volume of the product; `virtualMachines`: every storage and worker VM; `both`; or `images`: a clone of every node VM, by `nodeBackups.images`.",
      ["volumes", "virtualMachines", "both", "images"],
      { default: "volumes" },
    ),
    consistency: optional(consistency),
    keepDays: whole(
      "When its points may end; `retention` only keeps longer. VM snapshots end by `virtualMachines.maxAgeHours` before, and images by `nodeBackups.images.keep` alone.",
      { minimum: 1, maximum: 3650, unit: "days", default: 7 },
    ),
  }),
  { default: [] },
);
