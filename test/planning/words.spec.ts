import { equal } from "node:assert/strict";

import { listed } from "../../planning/words";

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `n${index + 1}`);

describe("names in a sentence", () => {
  it("are told up to ten, and then how many more there are", () => {
    equal(listed(names(0)), "none");
    equal(listed(names(1)), "n1");
    equal(listed(names(10)), "n1, n2, n3, n4, n5, n6, n7, n8, n9 and n10");
    equal(listed(names(107)), "n1, n2, n3, n4, n5, n6, n7, n8, n9, n10 … and 97 more");
  });

  it("are told all where one of them has to be chosen", () => {
    equal(listed(names(11), "or").split(/, | or /).length, 11);
  });
});
