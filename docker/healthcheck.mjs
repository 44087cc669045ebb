// Asks the server for `srvr`, the one word that is always allowed, and fails unless it says in which mode it serves.
//   node healthcheck.mjs [PORT]
import { connect } from 'node:net';

const TIMEOUT_MS = 2000;
const port = Number(process.argv[2] ?? 2181);

let answer = '';
const socket = connect({ host: '127.0.0.1', port });
socket.setEncoding('latin1').setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer')));
socket.on('connect', () => socket.write('srvr'));
socket.on('data', (text) => (answer += text));
socket.on('error', (error) => (answer = error.message));
socket.on('close', () => {
  const isServing = /^Mode: /m.test(answer);
  if (!isServing) console.error(answer.trim() || 'the server closed the connection without an answer');
  process.exitCode = isServing ? 0 : 1;
});
