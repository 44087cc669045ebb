import { NullServer } from './null-server.ts';

// node null-main.js PORT [LOG_FILE]
const [port = '0', logFile] = process.argv.slice(2);
const { server } = new NullServer({ port: Number(port), logFile });
server.on('listening', () => process.stdout.write(`listening on ${JSON.stringify(server.address())}\n`));
