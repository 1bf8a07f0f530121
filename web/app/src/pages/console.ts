import { createChannel, deleteChannel, listChannels, Refusal, rotateSecret, setRecord } from '../api/index.ts';
import type { ChannelView, KeyedChannel } from '../api/index.ts';
import { h, setText } from '../dom.ts';
import { formatWhen } from '../format.ts';
import { copyField } from '../parts/copy.ts';
import { icon } from '../parts/icons.ts';
import { portrait } from '../parts/portrait.ts';
import { recordingManager } from '../parts/recording-manager.ts';
import type { PageContext } from '../router.ts';
import { forget, operatorToken, store, takeFromFragment } from '../storage.ts';

/** Channels and their keys, for the operator. */
export function consolePage({ signal, setTitle }: PageContext): HTMLElement {
  setTitle('Console');
  const body = h('div', { class: 'console' });
  const notice = h('p', { class: 'notice notice-warn', role: 'alert', hidden: true });

  const report = (error: unknown): void => {
    if (signal.aborted) {
      return;
    }
    if (error instanceof Refusal && (error.status === 401 || error.status === 403)) {
      forget(operatorToken, 'session');
      showSignIn('This token is not the operator’s.');
      return;
    }
    notice.hidden = false;
    setText(notice, error instanceof Error ? error.message : String(error));
  };

  const showSignIn = (problem = ''): void => {
    notice.hidden = problem === '';
    setText(notice, problem);
    const field = h('input', { class: 'input', type: 'password', autocomplete: 'off', id: 'token', testid: 'token-input', required: true });
    body.replaceChildren(
      h('form', { class: 'panel form', on: { submit: (event) => {
        event.preventDefault();
        store(operatorToken, field.value.trim(), 'session');
        void showChannels(field.value.trim());
      } } },
      h('label', { for: 'token' }, 'Operator’s token'), field,
      h('p', { class: 'muted small' }, 'It is printed once, when the server starts for the first time. The link beside it signs you in by itself.'),
      h('button', { class: 'button', type: 'submit', testid: 'sign-in' }, 'Sign in')));
  };

  const showChannels = async (token: string): Promise<void> => {
    let channels: readonly ChannelView[];
    try {
      channels = await listChannels(token, signal);
    } catch (error) {
      report(error);
      return;
    }
    notice.hidden = true;
    const fresh = h('div', {});
    const list = h('ul', { class: 'channel-list', testid: 'channel-list' }, ...channels.map((channel) => row(channel, token, fresh)));
    const name = h('input', { class: 'input', id: 'name', required: true, maxlength: 80, placeholder: 'Night owls', testid: 'channel-name' });
    const id = h('input', { class: 'input', id: 'id', pattern: '[a-z0-9_]{1,64}', placeholder: 'made from the name', title: 'Small letters, digits and _', testid: 'channel-id' });
    const create = async (): Promise<void> => {
      try {
        const created = await createChannel(token, name.value.trim(), id.value.trim(), signal);
        await showChannels(token);
        body.prepend(keyCard(created, 'Channel made'));
      } catch (error) {
        report(error);
      }
    };
    body.replaceChildren(
      fresh,
      h('form', { class: 'panel form form-row', on: { submit: (event) => {
        event.preventDefault();
        void create();
      } } },
      h('div', { class: 'field' }, h('label', { for: 'name' }, 'New channel'), name),
      h('div', { class: 'field' }, h('label', { for: 'id' }, 'Id'), id),
      h('button', { class: 'button', type: 'submit', testid: 'create-channel' }, icon('plus'), 'Create')),
      channels.length === 0 ? h('p', { class: 'muted' }, 'No channels yet.') : list,
      recordingManager(token, signal, report));
  };

  const row = (channel: ChannelView, token: string, fresh: HTMLElement): HTMLElement => {
    const rotate = h('button', { type: 'button', class: 'button button-quiet button-small' }, icon('key'), 'New key');
    const remove = h('button', { type: 'button', class: 'button button-quiet button-small button-danger' }, icon('trash'), 'Delete');
    const record = h('input', { type: 'checkbox', class: 'switch', testid: 'record', checked: channel.record, 'aria-label': `Record ${channel.name}` });
    record.addEventListener('change', () => {
      record.disabled = true;
      setRecord(token, channel.id, record.checked, signal).then((changed) => {
        record.checked = changed.record;
      }, (error: unknown) => {
        record.checked = !record.checked;
        report(error);
      }).finally(() => {
        record.disabled = false;
      });
    });
    const failed = channel.lastPublishError ?? undefined;
    const element = h('li', { class: 'channel-row', testid: 'channel-row', 'data-channel': channel.id },
      portrait(channel.id, channel.name, 'avatar'),
      h('div', { class: 'channel-words' }, h('strong', {}, channel.name), h('a', { href: `/watch/${encodeURIComponent(channel.id)}`, class: 'muted small' }, `@${channel.id}`)),
      channel.live && h('span', { class: 'badge-live' }, 'Live'),
      h('label', { class: 'record-switch' }, h('span', { class: 'small' }, 'Record'), record),
      h('div', { class: 'row-actions' }, rotate, remove),
      failed !== undefined && h('p', { class: 'notice notice-warn row-note small' }, `${formatWhen(failed.at)}, by ${failed.protocol.toUpperCase()}: ${failed.reason}`));
    rotate.addEventListener('click', () => {
      if (confirm(`Give ${channel.name} a new key? The old one stops working.`)) {
        rotateSecret(token, channel.id, signal).then((created) => fresh.replaceChildren(keyCard(created, 'New key')), report);
      }
    });
    remove.addEventListener('click', () => {
      if (confirm(`Delete ${channel.name}? Its stream ends, and its key stops working.`)) {
        deleteChannel(token, channel.id, signal).then(() => element.remove(), report);
      }
    });
    return element;
  };

  const token = takeFromFragment('token', operatorToken);
  if (token === undefined) {
    showSignIn();
  } else {
    void showChannels(token);
  }
  return h('section', { class: 'page page-narrow' }, h('div', { class: 'page-head' }, h('h1', {}, 'Console')), notice, body);
}

function keyCard(created: KeyedChannel, heading: string): HTMLElement {
  return h('div', { class: 'panel key-card', testid: 'key-card', role: 'status' },
    h('h2', {}, `${heading}: ${created.name}`),
    h('p', { class: 'muted' }, 'The key is shown this once. Whoever has it can publish on the channel.'),
    copyField('Stream key', created.key, 'new-key'),
    created.publish.rtmp !== undefined && copyField('RTMP server', created.publish.rtmp),
    copyField('WHIP address', created.publish.whip),
    h('a', { class: 'button button-small', href: `/broadcast#key=${encodeURIComponent(created.key)}` }, icon('broadcast'), 'Broadcast on it'));
}
