// The admin page: lists what /admin/api says and sends it what is pressed. Everything that came from
// somebody else goes into the page as text, never as markup.

const $ = (id) => document.getElementById(id);
const names = new Map(); // of owners, by id
const STAGES = ["closed", "invited", "partner", "open"];

function make(tag, traits = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(traits)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

const button = (text, press, label) =>
  make("button", { type: "button", textContent: text, onclick: guard(press), ariaLabel: label ?? text });
const moment = (second) => new Date(second * 1000).toLocaleString();
const soft = (text) => make("span", { className: "soft", textContent: text });

async function ask(path, method = "GET", body = undefined) {
  const told = { method, headers: {} };
  if (body !== undefined) {
    told.headers["Content-Type"] = "application/json";
    told.body = JSON.stringify(body);
  }
  const answer = await fetch(path, told);
  if (answer.status === 204) return null;
  const json = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(json.error.message), { status: answer.status });
  return json;
}

function tell(text, wrong = false) {
  $("told").textContent = text;
  $("told").classList.toggle("wrong", wrong);
}

// Runs what a button does; what goes wrong is said where the page says things.
function guard(work) {
  return async (event) => {
    event?.preventDefault();
    tell("");
    try {
      await work(event);
    } catch (error) {
      if (error.status === 401) await start();
      tell(error.message, true);
    }
  };
}

function reveal(title, secret) {
  $("secret-title").textContent = title;
  $("secret-text").textContent = secret;
  $("copy").textContent = "Copy";
  $("secret").showModal();
}

const stageOptions = (chosen, names = STAGES) =>
  names.map((name) => make("option", { value: name, textContent: name, selected: name === chosen }));

async function showStage() {
  const told = await ask("/admin/api/stage");
  const rows = STAGES.map((name) => {
    const can = told.stages[name].join(", ") || "only administrators film";
    const radio = make("input", {
      type: "radio", name: "server-stage", value: name, checked: name === told.stage,
      onchange: guard(async () => {
        await ask("/admin/api/stage", "PUT", { stage: name });
        tell(`The server is at ${name} now.`);
        await showAudit();
      }),
    });
    return make("label", {}, radio, make("span", {}, name, soft(can)));
  });
  $("stages").replaceChildren($("stages").querySelector("legend"), ...rows);
}

function limit(owner, field, label) {
  return make("input", {
    type: "number", min: 0, value: owner[field] ?? "", placeholder: "stage's", ariaLabel: label,
    onchange: guard(async (event) => {
      const text = event.target.value;
      await changed(owner, { [field]: text === "" ? null : Number(text) });
    }),
  });
}

async function changed(owner, changes) {
  await ask(`/admin/api/owners/${owner.id}`, "PATCH", changes);
  tell(`${owner.name} is changed.`);
  await Promise.all([showOwners(), showAudit()]);
}

function keysOf(owner) {
  const live = owner.keys.filter((key) => key.revoked_at === null);
  const rows = live.map((key) => make("li", {}, make("code", { textContent: key.hint }),
    button("Revoke", async () => {
      if (!confirm(`Revoke ${key.hint} of ${owner.name}? What uses it stops working.`)) return;
      await ask(`/admin/api/keys/${key.id}`, "DELETE");
      await Promise.all([showOwners(), showAudit()]);
    }, `Revoke ${key.hint} of ${owner.name}`)));
  const add = button("Add key", async () => {
    const key = await ask(`/admin/api/owners/${owner.id}/keys`, "POST");
    reveal(`Key of ${owner.name}`, key.key);
    await Promise.all([showOwners(), showAudit()]);
  }, `Add key for ${owner.name}`);
  return make("ul", {}, ...rows, make("li", {}, add));
}

function ownerRow(owner) {
  const stage = make("select", {
    ariaLabel: `Stage of ${owner.name}`,
    onchange: guard((event) => changed(owner, { stage: event.target.value })),
  }, ...stageOptions(owner.stage));
  const off = owner.disabled_at !== null;
  const account = button(off ? "Enable" : "Disable", () => changed(owner, { disabled: !off }),
    `${off ? "Enable" : "Disable"} ${owner.name}`);
  const about = `${owner.admin ? "administrator, " : ""}since ${moment(owner.created_at)}`;
  const today = `${owner.seconds_today} s today`;
  const cell = (label, ...children) => make("td", { "data-label": label }, ...children);
  return make("tr", {},
    make("th", { scope: "row" }, make("strong", { textContent: owner.name }), soft(about)),
    cell("Stage", stage),
    cell("Seconds a day", limit(owner, "seconds_a_day", `Seconds a day of ${owner.name}`), soft(today)),
    cell("Jobs at once", limit(owner, "jobs_at_once", `Jobs at once of ${owner.name}`),
      soft(`${owner.jobs_now} now`)),
    cell("Keys", keysOf(owner)),
    cell("Account", account));
}

async function showOwners() {
  const rows = [];
  for (let page; (page === undefined || page.length === 200);) {
    const after = rows.length ? `&after=${rows.at(-1).id}` : "";
    page = await ask(`/admin/api/owners?limit=200${after}`);
    rows.push(...page);
  }
  for (const owner of rows) names.set(owner.id, owner.name);
  rows.sort((a, b) => a.created_at - b.created_at);
  $("owners").replaceChildren(...rows.map(ownerRow));
}

async function showInvites() {
  const rows = (await ask("/admin/api/invites")).map((invite) => make("li", {},
    make("span", { className: "what", textContent: `${invite.stage}, until ${moment(invite.expires_at)}` }),
    button("Withdraw", async () => {
      await ask(`/admin/api/invites/${invite.id}`, "DELETE");
      await Promise.all([showInvites(), showAudit()]);
    })));
  $("invites").replaceChildren(...(rows.length ? rows : [make("li", { textContent: "None is open." })]));
}

async function showWaiting() {
  const rows = (await ask("/admin/api/waiting")).map((entry) => {
    const said = entry.invited_at === null ? "" : `, invited ${moment(entry.invited_at)}`;
    return make("li", {},
      make("span", { className: "what" }, entry.email,
        soft(` since ${moment(entry.created_at)}${said} ${entry.note}`)),
      button("Invite", async () => {
        const stage = $("add-invite").stage.value;
        const invite = await ask(`/admin/api/waiting/${entry.id}/invite`, "POST", { stage });
        reveal(`Invite for ${entry.email} (${stage})`, invite.code);
        await Promise.all([showInvites(), showWaiting(), showAudit()]);
      }, `Invite ${entry.email}`));
  });
  $("waiting").replaceChildren(...(rows.length ? rows : [make("li", { textContent: "Nobody waits." })]));
}

const named = (text) => text.replace(/owner_[0-9a-z]{24}/g, (id) => names.get(id) ?? id);

function auditRow(entry) {
  const details = Object.entries(entry.detail).map(([name, value]) => `${name} ${value}`).join(", ");
  const words = [entry.actor, entry.subject, details && `(${details})`].filter(Boolean).join(" ");
  return make("li", { value: entry.id },
    make("span", { textContent: moment(entry.at) }), make("span", { textContent: entry.action }),
    make("span", { textContent: named(words) }));
}

async function showAudit(before = null) {
  const rows = await ask(`/admin/api/audit?limit=50${before === null ? "" : `&before=${before}`}`);
  if (before === null) $("audit").replaceChildren();
  $("audit").append(...rows.map(auditRow));
  $("older").hidden = rows.length < 50;
}

async function start() {
  let account = null;
  try {
    account = await ask("/session");
  } catch (error) {
    if (error.status !== 401) tell(error.message, true);
  }
  const admits = account?.admin === true;
  if (account && !admits) tell("This account is not an administrator's.", true);
  $("enter").hidden = admits;
  $("desk").hidden = !admits;
  $("leave").hidden = !account;
  if (!admits) return;
  await Promise.all([showStage(), showOwners(), showInvites(), showWaiting()]);
  await showAudit();
}

$("enter").addEventListener("submit", guard(async () => {
  await ask("/session", "POST", { key: $("key").value });
  $("key").value = "";
  await start();
}));
$("leave").addEventListener("click", guard(async () => {
  await ask("/session", "DELETE");
  await start();
}));
$("add-owner").addEventListener("submit", guard(async (event) => {
  const form = event.target;
  const owner = await ask("/admin/api/owners", "POST",
    { name: form.elements.name.value, stage: form.elements.stage.value });
  form.reset();
  reveal(`Key of ${owner.name}`, owner.keys[0].key);
  await Promise.all([showOwners(), showAudit()]);
}));
$("add-invite").addEventListener("submit", guard(async (event) => {
  const { stage, days } = event.target.elements;
  const invite = await ask("/admin/api/invites", "POST",
    { stage: stage.value, days: Number(days.value) });
  reveal(`Invite (${invite.stage})`, invite.code);
  await Promise.all([showInvites(), showAudit()]);
}));
$("older").addEventListener("click", guard(() => showAudit($("audit").lastElementChild.value)));
$("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText($("secret-text").textContent);
  $("copy").textContent = "Copied";
});

for (const select of document.querySelectorAll("[data-stages]")) {
  select.append(...stageOptions("invited"));
}
for (const select of document.querySelectorAll("[data-invites]")) {
  select.append(...stageOptions("invited", STAGES.slice(1)));
}
guard(start)();
