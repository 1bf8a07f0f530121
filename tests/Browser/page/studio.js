import { Publication } from './publication.js';
import { Viewing } from './viewing.js';

/** @type {(Publication | Viewing)[]} */
const opened = [];

globalThis.studio = {
  publish: async (...args) => opened.push(await Publication.open(...args)) - 1,
  watch: async (...args) => opened.push(await Viewing.open(...args)) - 1,
  call: (handle, method, ...args) => opened[handle][method](...args),
};
