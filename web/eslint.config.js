import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const markup = 'Markup made from strings lets a channel name become a script. Build elements and set textContent.';

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/*.config.*', 'app/public/**', 'app/src/api/types.ts'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: markup },
        { property: 'outerHTML', message: markup },
        { property: 'insertAdjacentHTML', message: markup },
      ],
      'no-restricted-imports': ['error', { patterns: [{ group: ['@sluice/*/*'], message: 'Use the package, not its files.' }] }],
    },
  },
  {
    files: ['eng/**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: 'readonly', URL: 'readonly' } },
  },
  {
    // The packages are used alone by strangers: nothing from outside may be imported but hls.js, and nothing printed.
    files: ['packages/*/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/testing/**'],
    rules: {
      'no-console': 'error',
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^(?!\\.|@sluice/signalling$|hls\\.js$)', message: 'The packages have no dependencies but hls.js.' }] },
      ],
    },
  },
);
