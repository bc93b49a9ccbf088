// Calls a function once in each turn of this thread's event loop, and makes a descriptor's readiness start a turn.
// koffi's own poll callback must never run: when a thread is terminated while one is due, it ends the whole process
// ("FATAL ERROR: Error::ThrowAsJavaScriptException napi_throw"). So koffi only creates the uv_poll_t and closes it with
// the thread, and libuv's callback is set to a function of its own that does nothing: being woken is all that is needed.
import { koffi } from './native.ts';

/** uv.h: UV_READABLE of uv_poll_event. */
const UV_READABLE = 1;

/** Keeps the thread alive until it is closed. */
export interface WakeUp {
  close(): void;
}

/** Throws where Node's event loop cannot be had. */
export function wakeUp(fd: number, turn: () => void): WakeUp {
  const poll = koffi().node.poll(fd, () => {});
  try {
    restart(fd);
  } catch (cause) {
    // libuv ends the process where a descriptor it watches is closed under it.
    poll.close();
    throw cause;
  }
  let open = true;
  // Unreferenced, an immediate does not keep the loop from waiting, yet runs each time the loop comes round.
  const round = () => {
    if (!open) return;
    setImmediate(round).unref();
    turn();
  };
  setImmediate(round).unref();
  return {
    close() {
      open = false;
      poll.close();
    },
  };
}

/** Finds the handle koffi has just opened for the descriptor, and starts it with a native callback without effect. */
function restart(fd: number): void {
  const library = koffi().load(null);
  const loop = [0];
  // napi_get_uv_event_loop, uv_walk, uv_fileno and uv_poll_start are public: Node-API's and libuv's documentation.
  const getLoop = library.func('napi_get_uv_event_loop', 'int', ['void *', koffi().out('uintptr_t *')]);
  if (getLoop(koffi().node.env, loop) !== 0) throw new Error('the event loop cannot be had from Node-API');
  const visit = koffi().proto('void', ['uintptr_t', 'void *']);
  const walk = library.func('uv_walk', 'void', ['uintptr_t', koffi().pointer(visit), 'void *']);
  const fileno = library.func('uv_fileno', 'int', ['uintptr_t', koffi().out('int *')]);
  const handles: number[] = [];
  walk(loop[0], (handle: number) => void handles.push(handle), null);
  const mine = handles.find((handle) => {
    const of = [-1];
    return fileno(handle, of) === 0 && of[0] === fd;
  });
  if (mine === undefined) throw new Error(`libuv has no handle for descriptor ${fd}`);
  const start = library.func('uv_poll_start', 'int', ['uintptr_t', 'int', 'void *']);
  if (start(mine, UV_READABLE, library.symbol('uv_is_active')) !== 0) throw new Error('uv_poll_start was refused');
}
