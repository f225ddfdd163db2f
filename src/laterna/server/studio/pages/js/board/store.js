// Boards are kept in this browser, pictures and all. The server knows only the shots.

const NAME = "laterna";
const ROOM = "boards";

function open() {
  return new Promise((done, fail) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(ROOM, { keyPath: "id" });
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(new Error("This browser keeps no storyboards (private window?)."));
  });
}

async function act(mode, work) {
  const base = await open();
  try {
    const room = base.transaction(ROOM, mode).objectStore(ROOM);
    const request = work(room);
    return await new Promise((done, fail) => {
      request.onsuccess = () => done(request.result);
      request.onerror = () => fail(request.error);
    });
  } finally {
    base.close();
  }
}

export const all = async () =>
  (await act("readonly", (room) => room.getAll())).sort((a, b) => b.changed - a.changed);
export const get = (id) => act("readonly", (room) => room.get(id));
export const remove = (id) => act("readwrite", (room) => room.delete(id));
export const put = (board) =>
  act("readwrite", (room) => room.put({ ...board, changed: Date.now() }));
