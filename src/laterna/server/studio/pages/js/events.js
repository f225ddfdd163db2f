// What happens to a video, as it happens: server-sent events, and polling where they do not come.

import { eventsOf, running, videos } from "./api.js";

const POLL_MS = 2000;
const SILENCE_MS = 15000;

// Calls hear(event) until the video has ended or the function given back is called, with
//
//   {type: "status", video}                      as the API shows it
//   {type: "progress", status, progress, position}
//   {type: "frame", index, frames, url}          the first frame of each chunk, of `frames` in all
//   {type: "trouble", error}                     it goes on trying
export function watch(id, hear) {
  let open = true;
  let timer = 0;
  let last = "";
  const source = new EventSource(eventsOf(id));

  const close = () => {
    open = false;
    source.close();
    clearTimeout(timer);
  };

  const status = (video) => {
    const mark = `${video.status} ${video.progress} ${video.position}`;
    if (mark !== last) hear({ type: "status", video });
    last = mark;
    if (!running(video)) close();
  };

  const poll = async () => {
    clearTimeout(timer);
    try {
      const video = await videos.get(id);
      if (open) status(video);
    } catch (error) {
      if (open) hear({ type: "trouble", error });
      if (error.status === 404 || error.status === 401) close();
    }
    if (open)
      timer = setTimeout(poll, source.readyState === EventSource.OPEN ? SILENCE_MS : POLL_MS);
  };

  source.onmessage = (message) => {
    if (!open) return;
    const event = JSON.parse(message.data);
    if (event.type !== "status") hear(event);
    else if (event.video) status(event.video);
    else poll(); // it was deleted: asking says so
  };
  source.onerror = poll;
  poll();
  return close;
}
