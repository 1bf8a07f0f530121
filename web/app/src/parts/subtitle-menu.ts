import type { Player } from '@sluice/player';
import { h } from '../dom.ts';
import { recall, store } from '../storage.ts';

const remembered = 'sluice.subtitles';

/** Chooses among the subtitles in the element: those of HLS, brought by hls.js or by the browser itself. WebRTC brings none. */
export function subtitleMenu(player: Player, video: HTMLVideoElement, signal: AbortSignal): HTMLSelectElement {
  const menu = h('select', { class: 'layer-menu', 'aria-label': 'Subtitles', testid: 'subtitle-menu', hidden: true });
  const tracks = (): TextTrack[] => [...video.textTracks].filter(({ kind }) => kind === 'subtitles' || kind === 'captions');
  const show = (): void => {
    const all = tracks();
    menu.hidden = player.protocol !== 'hls' || all.length === 0;
    menu.replaceChildren(
      h('option', { value: '' }, 'No subtitles'),
      ...all.map((track, index) => h('option', { value: String(index) }, nameOf(track))),
    );
    const showing = all.findIndex(({ mode }) => mode === 'showing');
    menu.value = showing < 0 ? '' : String(showing);
  };
  const choose = (chosen: TextTrack | undefined): void => {
    for (const track of tracks()) {
      const mode = track === chosen ? 'showing' : 'disabled';
      // Setting it tells others of it, whether or not it changes.
      if (track.mode !== mode) {
        track.mode = mode;
      }
    }
  };
  menu.addEventListener('change', () => {
    const chosen = menu.value === '' ? undefined : tracks()[Number(menu.value)];
    store(remembered, chosen?.language ?? '');
    choose(chosen);
  });
  video.textTracks.addEventListener('addtrack', ({ track }) => {
    const wanted = recall(remembered) ?? '';
    if (track !== null && wanted !== '' && track.language === wanted && tracks().every(({ mode }) => mode !== 'showing')) {
      choose(track);
    }
    show();
  }, { signal });
  for (const type of ['removetrack', 'change'] as const) {
    video.textTracks.addEventListener(type, show, { signal });
  }
  player.on('protocol', show, signal);
  return menu;
}

/** The language in its own words, where the browser knows them. */
export function nameOf({ language, label }: Pick<TextTrack, 'language' | 'label'>): string {
  try {
    return language === '' ? label : (new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? label);
  } catch {
    return label;
  }
}
