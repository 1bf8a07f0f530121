// Serves the plain page and its modules from localhost, a secure context.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../page');
const html = '<!doctype html><meta charset="utf-8"><title>Studio</title><link rel="icon" href="data:,"><script type="module" src="/studio.js"></script>';

export class PageServer {
  #http;
  url = '';

  static async start() {
    const server = new PageServer();
    server.#http = createServer(async (request, response) => {
      const name = path.basename(new URL(request.url ?? '/', 'http://localhost').pathname);
      try {
        const body = name === '' ? html : await readFile(path.join(folder, name));
        response.writeHead(200, { 'Content-Type': name === '' ? 'text/html' : 'text/javascript' }).end(body);
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise((resolve) => server.#http.listen(0, '127.0.0.1', () => resolve(undefined)));
    server.url = `http://localhost:${server.#http.address().port}/`;
    return server;
  }

  async stop() {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}
