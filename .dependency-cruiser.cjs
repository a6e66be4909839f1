// Layers of the design: arrows go down only, and there is no circle. Part of ./atom test.
const layers = [
  ["policy", "^policy/"],
  ["cli", "^cli/"],
  ["site", "^site/"],
  ["restorepoint", "^restorepoint/"],
  ["drift", "^drift/"],
  ["engine", "^engine/"],
  ["lab", "^lab/"],
  ["clients", "^clients/"],
  ["components", "^components/"],
  ["config", "^config/"],
  ["planning", "^planning/"],
];
const upwards = layers.slice(1).map(([name, path], index) => ({
  name: `${name}-looks-up`,
  severity: "error",
  from: { path },
  to: { path: layers.slice(0, index + 1).map(([, above]) => above) },
}));
module.exports = {
  forbidden: [
    ...upwards,
    {
      // It takes a second to load, which a command that does not run the program would wait for.
      name: "sdk-is-loaded-only-to-run-the-program",
      severity: "error",
      from: { path: "^(cli|site|restorepoint|drift|clients|planning)/" },
      to: {
        path: "^engine/program/runProgram|^components/(?!snapshotCrds)|node_modules/@pulumi",
        dynamic: false,
      },
    },
    {
      name: "circle",
      severity: "error",
      from: { path: "^(?!node_modules)" },
      to: { circular: true },
    },
    {
      name: "not-in-package-json",
      severity: "error",
      from: {},
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    { name: "not-found", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: ["node_modules", "^dist"] },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    detectJSDocImports: false,
    // policy/ has a package.json of its own, without packages.
    combinedDependencies: true,
  },
};
