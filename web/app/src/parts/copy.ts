import { h, setText } from '../dom.ts';
import { icon } from './icons.ts';

/** Plain http pages have no clipboard; selecting a field and copying works there. */
async function toClipboard(text: string): Promise<void> {
  if (isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = h('textarea', { class: 'visually-hidden', 'aria-hidden': 'true' });
  field.value = text;
  document.body.append(field);
  field.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way outside a secure context
  const copied = document.execCommand('copy');
  field.remove();
  if (!copied) {
    throw new Error('Copying is not allowed here.');
  }
}

export function copyButton(text: () => string, label: string, testid?: string): HTMLButtonElement {
  const words = h('span', {}, label);
  const mark = h('span', { class: 'icon-slot' }, icon('copy'));
  const button = h('button', { type: 'button', class: 'button button-quiet button-small', testid }, mark, words);
  let timer: ReturnType<typeof setTimeout> | undefined;
  button.addEventListener('click', () => {
    toClipboard(text()).then(
      () => {
        setText(words, 'Copied');
        mark.replaceChildren(icon('check'));
      },
      () => setText(words, 'Could not copy'),
    ).finally(() => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        setText(words, label);
        mark.replaceChildren(icon('copy'));
      }, 1800);
    });
  });
  button.setAttribute('aria-live', 'polite');
  return button;
}

/** A value to be carried elsewhere: shown in full, copied with one press. */
export function copyField(label: string, value: string, testid?: string): HTMLElement {
  const field = h('input', { class: 'input copy-value', readonly: true, value, 'aria-label': label, testid, on: { focus: () => field.select() } });
  return h('div', { class: 'copy-field' }, h('span', { class: 'copy-label' }, label), h('div', { class: 'copy-row' }, field, copyButton(() => field.value, 'Copy')));
}
