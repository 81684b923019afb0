// Only what the type checker does not see: functions that do too much, and names that nobody uses.

export default [
  {
    files: ["facilitator/page/static/**/*.js", "tests/page/scripts/**/*.js", "eslint.config.js"],
    languageOptions: { ecmaVersion: 2022, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      complexity: ["error", 15],
      "max-params": ["error", 6],
      "max-depth": ["error", 4],
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-unused-vars": "error",
    },
  },
];
