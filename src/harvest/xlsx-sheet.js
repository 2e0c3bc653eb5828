import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ConcordError } from '../platform/errors.js';
/** Memory of the thread (MB): enough for 96 MB of unpacked parts, about the largest allowed (600,000 rows). */
const memoryMb = 1_024;
/** Time for one answer of the thread (ms): the largest workbook allowed takes 4 s on an idle core. */
const answerMs = 60_000;
/** Rows handed over at a time. */
const group = 500;
/** Plain JavaScript, because a thread starts without what reads TypeScript here. */
const program = `
const { parentPort, workerData } = require('node:worker_threads')
const textOf = (cell) =>
  cell === null || cell === undefined ? '' : cell instanceof Date ? cell.toISOString() : String(cell)
const rows = import(workerData.library).then((library) => library.readSheet(workerData.path, workerData.sheet))
let at = 0
parentPort.on('message', () =>
  rows.then(
    (all) => {
      parentPort.postMessage({ rows: all.slice(at, at + workerData.group).map((row) => row.map(textOf)) })
      at += workerData.group
    },
    (error) => parentPort.postMessage({ error: String(error && error.message) }),
  ),
)
`;
const require = createRequire(import.meta.url);
const library = () => pathToFileURL(require.resolve('read-excel-file/node')).href;
/** Opens a sheet by number from 1 or by name. */
export function openSheet(path, sheet, limits = { memoryMb, answerMs }) {
    const worker = new Worker(program, {
        eval: true,
        workerData: { library: library(), path, sheet, group },
        resourceLimits: { maxOldGenerationSizeMb: limits.memoryMb },
    });
    // Heard by whoever waits; one that comes when nobody does must not end the process.
    worker.on('error', () => { });
    const next = () => new Promise((resolve, reject) => {
        const timer = setTimeout(() => settle(() => reject(tooMuch('takes too long to read'))), limits.answerMs);
        const settle = (end) => {
            clearTimeout(timer);
            worker.off('message', onAnswer).off('error', onError).off('exit', onExit);
            end();
        };
        const onAnswer = (answer) => settle(() => ('rows' in answer ? resolve(answer.rows) : reject(unreadable(answer.error))));
        const onError = (error) => settle(() => reject(isMemory(error) ? tooMuch('needs too much memory') : unreadable(error.message)));
        const onExit = () => settle(() => reject(unreadable('the reading was ended')));
        worker.on('message', onAnswer).on('error', onError).on('exit', onExit);
        worker.postMessage('next');
    });
    return { next, close: () => void worker.terminate() };
}
const isMemory = (error) => error.code === 'ERR_WORKER_OUT_OF_MEMORY';
const unreadable = (detail) => new ConcordError('invalid_content', `The workbook cannot be read: ${detail}`);
const tooMuch = (detail) => new ConcordError('too_large', `The workbook ${detail}. Save the sheet as CSV, which is read at any size.`);
//# sourceMappingURL=xlsx-sheet.js.map