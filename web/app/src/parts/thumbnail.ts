import { h } from '../dom.ts';
import { portrait } from './portrait.ts';

export interface Thumbnail {
  readonly element: HTMLElement;
  /** Looks for a newer picture, when it is time for one. */
  readonly refresh: () => void;
}

const interval = 10_000;
/** A server that has none is asked this seldom. */
const patience = 60_000;

/** The newest small picture of a live channel, over a drawing that shows where there is none. */
export function thumbnail(channel: string, name: string): Thumbnail {
  const picture = h('img', { class: 'thumbnail', alt: '', hidden: true, decoding: 'async' });
  const element = h('div', { class: 'thumbnail-holder' }, portrait(channel, name, 'picture'), picture);
  let nextAt = 0;
  let loading = false;
  return {
    element,
    refresh: () => {
      const now = Date.now();
      if (loading || now < nextAt || document.hidden) {
        return;
      }
      loading = true;
      // Loaded aside, so that the picture before stays until this one is whole.
      const next = new Image();
      next.addEventListener('load', () => {
        loading = false;
        nextAt = Date.now() + interval;
        picture.src = next.src;
        picture.hidden = false;
      });
      next.addEventListener('error', () => {
        loading = false;
        nextAt = Date.now() + patience;
        picture.hidden = true;
      });
      next.src = `/api/v1/streams/${encodeURIComponent(channel)}/thumbnail.jpg?at=${Math.floor(now / interval)}`;
    },
  };
}
