import './styles/base.css';
import './styles/parts.css';
import './styles/home.css';
import './styles/player.css';
import './styles/player-controls.css';
import './styles/watch.css';
import './styles/broadcast.css';
import './styles/console.css';
import './styles/recordings.css';
import { h, setText } from './dom.ts';
import { broadcastPage } from './pages/broadcast.ts';
import { consolePage } from './pages/console.ts';
import { homePage } from './pages/home.ts';
import { missingPage } from './pages/missing.ts';
import { recordingPage } from './pages/recording.ts';
import { watchPage } from './pages/watch.ts';
import { shell } from './parts/shell.ts';
import { Router } from './router.ts';
import type { Route } from './router.ts';

const routes: readonly Route[] = [
  { pattern: /^\/$/, page: homePage },
  { pattern: /^\/watch\/(?<channel>[^/]+)$/, page: watchPage },
  { pattern: /^\/watch\/(?<channel>[^/]+)\/(?<recording>[^/]+)$/, page: recordingPage },
  { pattern: /^\/broadcast$/, page: broadcastPage },
  { pattern: /^\/console$/, page: consolePage },
];

const outlet = h('main', { id: 'main', tabindex: '-1' });
const announcer = h('p', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
const frame = shell(outlet);
document.body.append(h('a', { class: 'skip-link', href: '#main' }, 'Skip to content'), ...frame.elements, announcer);

const router = new Router(routes, missingPage, outlet, (title, path) => {
  document.title = title === '' ? 'Sluice' : `${title} · Sluice`;
  setText(announcer, title);
  frame.setCurrent(path);
});
router.start();
