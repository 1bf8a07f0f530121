import { cutClip, deleteRecording, listRecordings } from '../api/index.ts';
import type { RecordingView } from '../api/index.ts';
import { h } from '../dom.ts';
import { formatDuration, formatWhen, parseTime } from '../format.ts';
import { poll } from '../poll.ts';
import { icon } from './icons.ts';
import { recordingRow } from './recording-row.ts';

/** All recordings, for the operator: to be played, taken home, cut and deleted. */
export function recordingManager(token: string, signal: AbortSignal, report: (error: unknown) => void): HTMLElement {
  const list = h('ul', { class: 'recording-list', testid: 'recordings' });
  const more = h('button', { type: 'button', class: 'button button-quiet button-small', hidden: true }, 'Older recordings');
  const empty = h('p', { class: 'muted', hidden: true }, 'Nothing is recorded yet. Switch “Record” on for a channel; its next stream is kept.');
  const element = h('section', { class: 'recordings', hidden: true, 'aria-label': 'Recordings' }, h('h2', {}, 'Recordings'), empty, list, more);
  const rows = new Map<string, { readonly element: HTMLElement; readonly known: string }>();
  let older: string | undefined;

  const row = (recording: RecordingView): HTMLElement => {
    const cut = h('button', { type: 'button', class: 'button button-quiet button-small', testid: 'clip', 'aria-expanded': 'false' }, icon('scissors'), 'Clip');
    const remove = h('button', { type: 'button', class: 'button button-quiet button-small button-danger', testid: 'delete-recording' }, icon('trash'), 'Delete');
    const running = recording.state === 'recording';
    const made: HTMLElement = recordingRow(recording, { signal, operatorToken: token },
      h('span', { class: 'muted small' }, `@${recording.channel}`),
      recording.clipOf === null && recording.duration > 1 && cut,
      !running && remove);
    cut.addEventListener('click', () => {
      const open = made.querySelector('.clip-form');
      cut.setAttribute('aria-expanded', String(open === null));
      if (open === null) {
        const form = clipForm(recording);
        made.append(form);
        form.querySelector('input')?.focus();
      } else {
        open.remove();
      }
    });
    remove.addEventListener('click', () => {
      if (confirm(`Delete the recording of ${formatWhen(recording.startedAt)} on ${recording.channel}? Its files are deleted too.`)) {
        deleteRecording(token, recording.id, signal).then(() => {
          rows.delete(recording.id);
          made.remove();
        }, report);
      }
    });
    return made;
  };

  const clipForm = (recording: RecordingView): HTMLElement => {
    const start = h('input', { class: 'input', id: `start-${recording.id}`, value: '0:00', testid: 'clip-start', inputmode: 'numeric' });
    const end = h('input', { class: 'input', id: `end-${recording.id}`, value: formatDuration(Math.min(60, recording.duration) * 1000), testid: 'clip-end', inputmode: 'numeric' });
    const problem = h('p', { class: 'small advice-bad', role: 'alert', hidden: true });
    const form = h('form', { class: 'clip-form', testid: 'clip-form' },
      h('div', { class: 'field' }, h('label', { for: start.id }, 'From'), start),
      h('div', { class: 'field' }, h('label', { for: end.id }, 'To'), end),
      h('button', { class: 'button button-small', type: 'submit', testid: 'cut' }, icon('scissors'), 'Cut'),
      problem);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const [from, to] = [parseTime(start.value), parseTime(end.value)];
      if (from === undefined || to === undefined || from >= to) {
        problem.hidden = false;
        problem.textContent = 'Write moments like 1:30, the first before the second.';
        return;
      }
      cutClip(token, recording.id, from, to, signal).then((clip) => {
        form.remove();
        show([clip], undefined, true);
      }, report);
    });
    return form;
  };

  /** Changes only what is new, so that a form that is being filled stays. */
  const show = (recordings: readonly RecordingView[], next: string | undefined, merge: boolean): void => {
    if (!merge) {
      const present = new Set(recordings.map((each) => each.id));
      for (const [id, { element: old }] of rows) {
        if (!present.has(id) && id >= (recordings.at(-1)?.id ?? '')) {
          rows.delete(id);
          old.remove();
        }
      }
    }
    for (const recording of recordings) {
      const known = JSON.stringify(recording);
      const before = rows.get(recording.id);
      if (before?.known === known || before?.element.querySelector('.clip-form') !== null && before !== undefined) {
        continue;
      }
      const fresh = row(recording);
      if (before === undefined) {
        list.append(fresh);
      } else {
        before.element.replaceWith(fresh);
      }
      rows.set(recording.id, { element: fresh, known });
    }
    [...rows].sort(([a], [b]) => (a < b ? 1 : -1)).forEach(([, { element: each }], index) => {
      if (list.children[index] !== each) {
        list.insertBefore(each, list.children[index] ?? null);
      }
    });
    older = next ?? older;
    more.hidden = older === undefined;
    empty.hidden = rows.size > 0;
    element.hidden = false;
  };

  more.addEventListener('click', () => {
    listRecordings(signal, undefined, token, older).then((page) => {
      older = undefined;
      show(page.recordings, page.next, true);
    }, report);
  });
  poll(5000, signal, async () => {
    try {
      const page = await listRecordings(signal, undefined, token);
      show(page.recordings, rows.size === 0 ? page.next : older, false);
    } catch {
      // A server that does not record has none.
    }
  });
  return element;
}
