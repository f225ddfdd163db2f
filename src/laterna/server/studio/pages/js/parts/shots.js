// Choose one of the finished shots by its picture; of those that `fits`, which says who will do.

import { content, kept, videos } from "../api.js";
import { fill, fresh, h } from "../dom.js";
import { aspect, seconds } from "../words.js";

export function shots(
  name,
  label,
  { fits = () => true, none = "There is no finished shot yet.", chosen = null, onpick } = {},
) {
  const group = fresh(name);
  const list = h("div", { class: "shelf" }, h("p", { class: "note" }, "Looking for shots…"));
  const field = {
    name,
    control: null,
    value: () => list.querySelector("input:checked")?.value,
    node: h("fieldset", { class: "field" }, h("legend", {}, label), list),
  };
  videos.page(null, 60).then(
    (page) => {
      const done = page.data.filter((one) => kept(one) && fits(one));
      fill(list, done.length ? done.map(item) : h("p", { class: "note" }, none));
      field.control = list.querySelector("input");
    },
    (error) => fill(list, h("p", { class: "note" }, error.message)),
  );

  const item = (one) =>
    h(
      "label",
      { style: { "--aspect": aspect(one.size) } },
      h("input", {
        type: "radio",
        name: group,
        value: one.id,
        checked: one.id === chosen,
        onchange: () => onpick?.(one),
      }),
      h(
        "span",
        { class: "frame" },
        h("img", { src: content(one.id, "thumbnail"), alt: "", loading: "lazy" }),
      ),
      h("span", { class: "name" }, `${one.prompt} (${seconds(one.seconds)})`),
    );
  return field;
}
