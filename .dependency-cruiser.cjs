// The map of the house as rules: imports go down only, and never in a circle.
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^(modules|native|deployment|test)/', pathNot: [from, ...allowed] },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only('tensorflow-serving-stands-alone', '^modules/tensorflow-serving/', []),
    only('detection-stands-alone', '^modules/detection/', []),
    only('edge-module-stands-alone', '^modules/edge-module/', []),
    only('native-stands-alone', '^native/src/(?!.*\\.(test|fixture)\\.ts$)', ['^native/src/']),
    only('native-tests-use-the-card', '^native/(?!card/)', ['^native/card/']),
    only('virtual-card-stands-alone', '^native/card/', []),
    only('client-imports-down', '^modules/client/', ['^modules/(tensorflow-serving|detection)/']),
    only('camera-imports-down', '^modules/camera/', ['^modules/edge-module/']),
    only('scoring-imports-down', '^modules/scoring/', [
      '^modules/(tensorflow-serving|edge-module|detection)/',
      '^native/',
    ]),
    only('model-tools-import-down', '^deployment/model-tools/', ['^modules/(scoring|camera|detection)/']),
    only('edge-runtime-stands-alone', '^deployment/edge-runtime/', []),
    only('cli-imports-down', '^deployment/cli/', [
      '^deployment/(edge-runtime|model-tools)/',
      '^modules/(client|scoring|camera|detection)/',
      '^native/card/',
    ]),
    {
      name: 'standalone-server-loads-no-device-sdk',
      severity: 'error',
      from: { path: '^modules/scoring/src/serve\\.ts$' },
      to: { path: 'node_modules/azure-iot-', reachable: true },
    },
    {
      name: 'main-is-imported-by-none',
      severity: 'error',
      from: { pathNot: '/bin/' },
      to: { path: '^modules/[^/]+/src/main\\.ts$' },
    },
    {
      name: 'scoring-rooms-core-knows-no-door',
      severity: 'error',
      from: { path: '^modules/scoring/src/(model|preprocess|device|slot|lease|scoring)/' },
      to: { path: '^modules/scoring/src/(grpc|http|share|hub|config|main)' },
    },
    {
      name: 'scoring-rooms-slot-knows-no-queue-and-no-lease',
      severity: 'error',
      from: { path: '^modules/scoring/src/(model|preprocess|device|slot)/' },
      to: { path: '^modules/scoring/src/(scoring|lease)/' },
    },
    {
      name: 'scoring-rooms-device-knows-no-slot',
      severity: 'error',
      from: { path: '^modules/scoring/src/(model|preprocess|device)/' },
      to: { path: '^modules/scoring/src/slot/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|build)/.*(?<!\\.d\\.ts)$|\\.tsbuildinfo$' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['source', 'import', 'types', 'default'] },
  },
};
