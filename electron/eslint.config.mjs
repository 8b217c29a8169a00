// What the shell is checked with: `nox -s lint`, or `npm run lint` in this folder.
import js from "@eslint/js";
import globals from "globals";

// Tests drive the shell in an Electron whose Node is 12.14 and whose Chromium is 83 (see
// tests/e2e/shim.cjs): the shell's own code stays within the language of that age.
const SHELL_LANGUAGE = 2020;
const SHELL_GLOBALS = {
  ...globals.commonjs,
  __dirname: "readonly",
  __filename: "readonly",
  AbortController: "readonly", // closes a message box; the shim has one that closes none
  Buffer: "readonly",
  clearImmediate: "readonly",
  clearInterval: "readonly",
  clearTimeout: "readonly",
  console: "readonly",
  process: "readonly",
  Response: "readonly", // for protocol.handle; the shim has one for the old Node
  setImmediate: "readonly",
  setInterval: "readonly",
  setTimeout: "readonly",
  TextDecoder: "readonly",
  TextEncoder: "readonly",
  URL: "readonly",
  URLSearchParams: "readonly",
};

// Methods and functions that are younger than the shell's language; no parser notices them.
const YOUNGER_METHODS = ["at", "findLast", "findLastIndex", "replaceAll", "toReversed", "toSorted"];
const YOUNGER_STATICS = [
  ["Object", "groupBy"],
  ["Object", "hasOwn"],
  ["Promise", "any"],
  ["Promise", "withResolvers"],
];

const strict = {
  ...js.configs.recommended.rules,
  "array-callback-return": "error",
  "consistent-return": "error",
  curly: "error",
  "default-case-last": "error",
  eqeqeq: "error",
  "guard-for-in": "error",
  "no-console": "error",
  "no-else-return": "error",
  "no-eval": "error",
  "no-implicit-coercion": "error",
  "no-implied-eval": "error",
  "no-new-func": "error",
  "no-param-reassign": "error",
  "no-return-assign": "error",
  "no-self-compare": "error",
  "no-sequences": "error",
  "no-shadow": "error",
  "no-template-curly-in-string": "error",
  "no-throw-literal": "error",
  "no-unmodified-loop-condition": "error",
  "no-unused-expressions": "error",
  "no-unused-vars": ["error", { argsIgnorePattern: "^_", caughtErrorsIgnorePattern: "^_" }],
  "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
  "no-useless-concat": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
  "prefer-promise-reject-errors": "error",
  "prefer-template": "error",
  radix: "error",
  "require-await": "error",
};

const builtInByItsPlainName = {
  selector:
    "CallExpression[callee.name='require'] > " +
    "Literal[value=/^(assert|buffer|child_process|crypto|events|fs|http|https|net|os|path|stream|timers|url|util|zlib)(\\u002f|$)/]",
  message: "Write node: before the name of a module that is built in.",
};

export default [
  { ignores: ["**/django-bundle/", "**/.django-bundle.staging/", "**/dist/", "**/node_modules/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["**/*.js", "**/*.cjs"],
    languageOptions: {
      ecmaVersion: SHELL_LANGUAGE,
      sourceType: "commonjs",
      globals: SHELL_GLOBALS,
    },
    rules: {
      ...strict,
      strict: ["error", "global"],
      "no-restricted-properties": [
        "error",
        ...YOUNGER_METHODS.map((property) => ({ property, message: "It is younger than ES2020." })),
        ...YOUNGER_STATICS.map(([object, property]) => ({
          object,
          property,
          message: "It is younger than ES2020.",
        })),
      ],
      "no-restricted-syntax": ["error", builtInByItsPlainName],
    },
  },
  {
    files: ["**/pages/**/*.js", "**/preload.cjs"],
    languageOptions: { globals: globals.browser },
  },
  {
    // Tests run in today's Node, and may use all of it.
    files: ["**/test/**/*.js", "**/test/**/*.cjs"],
    languageOptions: { ecmaVersion: "latest", globals: globals.node },
    rules: { "no-restricted-properties": "off" },
  },
  {
    // It supplies what is younger than the Electron of the tests, the names of modules as well.
    files: ["**/shim.cjs"],
    languageOptions: { globals: globals.node },
    rules: { "no-restricted-properties": "off", "no-restricted-syntax": "off" },
  },
  {
    files: ["**/*.mjs"],
    languageOptions: { ecmaVersion: "latest", sourceType: "module", globals: globals.nodeBuiltin },
    rules: { ...strict, "no-restricted-syntax": ["error"] },
  },
];
