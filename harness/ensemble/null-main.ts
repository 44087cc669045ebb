import { NullServer, type NullServerOptions } from './null-server.ts';

// node null-main.js OPTIONS, as JSON
const { server } = new NullServer(JSON.parse(process.argv[2] ?? '') as NullServerOptions);
server.on('listening', () => process.stdout.write(`listening on ${JSON.stringify(server.address())}\n`));
