// Journeys of masto, the library that Elk and Phanpy are built on: `node masto_journeys.mjs NAME`.
// BASE is the server, ANA and BEN are tokens, MASTO the module. Prints the steps taken; ends with 0 if all went well.

import assert from "node:assert/strict";

const { createRestAPIClient, createStreamingAPIClient } = await import(process.env.MASTO);
const { BASE, ANA, BEN } = process.env;
const ana = createRestAPIClient({ url: BASE, accessToken: ANA });
const ben = createRestAPIClient({ url: BASE, accessToken: BEN });
const me = await ana.v1.accounts.verifyCredentials();
const him = await ben.v1.accounts.verifyCredentials();

const GIF = Buffer.from("R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==", "base64");

function step(name) {
  console.log(name);
}

async function refused(call, code) {
  await assert.rejects(call, (error) => {
    assert.equal(error.statusCode, code);
    assert.ok(error.message.length > 3);
    return true;
  });
}

async function eventually(look) {
  for (let tries = 0; tries < 100; tries++) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail("it did not come");
}

async function befriend() {
  const relationship = await ben.v1.accounts.$select(me.id).follow();
  assert.equal(relationship.following, true);
}

const journeys = {
  async posting() {
    const media = await ana.v2.media.create({ file: new Blob([GIF], { type: "image/gif" }), description: "A dot" });
    assert.equal(media.description, "A dot");
    step("media");
    const posted = await ana.v1.statuses.create(
      { status: `Hello @${him.acct} #stones`, mediaIds: [media.id], visibility: "public", language: "en" },
      { requestInit: { headers: { "Idempotency-Key": "one" } } },
    );
    assert.equal(posted.mediaAttachments[0].id, media.id);
    assert.deepEqual(posted.tags.map((tag) => tag.name), ["stones"]);
    const again = await ana.v1.statuses.create(
      { status: `Hello @${him.acct} #stones` },
      { requestInit: { headers: { "Idempotency-Key": "one" } } },
    );
    assert.equal(again.id, posted.id);
    step("status");
    const reply = await ben.v1.statuses.create({ status: "Hi!", inReplyToId: posted.id, visibility: "unlisted" });
    const context = await ana.v1.statuses.$select(posted.id).context.fetch();
    assert.deepEqual(context.descendants.map((one) => one.id), [reply.id]);
    step("thread");
    const edited = await ana.v1.statuses.$select(posted.id).update({ status: "Hello again", mediaIds: [media.id] });
    assert.ok(edited.editedAt);
    assert.equal((await ana.v1.statuses.$select(posted.id).history.list()).length, 2);
    assert.equal((await ana.v1.statuses.$select(posted.id).source.fetch()).text, "Hello again");
    step("edit");
    assert.equal((await ben.v1.statuses.$select(posted.id).favourite()).favourited, true);
    assert.equal((await ben.v1.statuses.$select(posted.id).reblog()).reblog.id, posted.id);
    assert.equal((await ben.v1.statuses.$select(posted.id).bookmark()).bookmarked, true);
    assert.equal((await ana.v1.statuses.$select(posted.id).pin()).pinned, true);
    const liked = await ana.v1.statuses.$select(posted.id).fetch();
    assert.equal(liked.favouritesCount, 1);
    assert.equal(liked.reblogsCount, 1);
    step("marks");
    const asked = await ana.v1.statuses.create({
      status: "Well?",
      poll: { options: ["yes", "no"], expiresIn: 3600, multiple: false },
    });
    const voted = await ben.v1.polls.$select(asked.poll.id).votes.create({ choices: [1] });
    assert.deepEqual(voted.ownVotes, [1]);
    step("poll");
    await ana.v1.statuses.$select(asked.id).remove();
    await refused(ana.v1.statuses.$select(asked.id).fetch(), 404);
    step("removal");
  },

  async people() {
    await befriend();
    const found = await ben.v1.accounts.lookup({ acct: me.acct });
    assert.equal(found.id, me.id);
    const [relationship] = await ben.v1.accounts.relationships.fetch({ id: [me.id] });
    assert.equal(relationship.following, true);
    step("following");
    await ben.v1.accounts.$select(me.id).note.create({ comment: "met at the koppie" });
    const list = await ben.v1.lists.create({ title: "koppie", repliesPolicy: "list" });
    await ben.v1.lists.$select(list.id).accounts.create({ accountIds: [me.id] });
    const posted = await ana.v1.statuses.create({ status: "for the list" });
    const held = await ben.v1.timelines.list.$select(list.id).list();
    assert.deepEqual(held.map((one) => one.id), [posted.id]);
    step("lists");
    assert.equal((await ben.v1.accounts.$select(me.id).mute({ notifications: true, duration: 60 })).muting, true);
    assert.equal((await ben.v1.mutes.list()).length, 1);
    await ben.v1.accounts.$select(me.id).unmute();
    assert.equal((await ana.v1.accounts.$select(him.id).block()).blocking, true);
    assert.equal((await ana.v1.blocks.list())[0].id, him.id);
    await ana.v1.accounts.$select(him.id).unblock();
    step("screening");
    const changed = await ana.v1.accounts.updateCredentials({
      displayName: "Ana of the stones",
      note: "hello",
      fieldsAttributes: [{ name: "Stone", value: "basalt" }],
    });
    assert.equal(changed.displayName, "Ana of the stones");
    assert.equal(changed.source.fields[0].value, "basalt");
    step("profile");
  },

  async reading() {
    await befriend();
    const written = [];
    for (let n = 0; n < 5; n++) written.unshift((await ana.v1.statuses.create({ status: `number ${n}` })).id);
    const pages = [];
    for await (const page of ben.v1.timelines.home.list({ limit: 2 })) pages.push(page.map((one) => one.id));
    assert.deepEqual(pages.flat(), written);
    assert.ok(pages.length >= 3);
    step("home by pages");
    await ben.v1.statuses.$select(written[0]).favourite();
    const told = await eventually(async () => {
      const all = await ana.v1.notifications.list();
      return all.length >= 2 ? all : null;
    });
    assert.deepEqual(told.map((one) => one.type), ["favourite", "follow"]);
    const grouped = await ana.v2.notifications.list();
    assert.deepEqual(grouped.notificationGroups.map((one) => one.type), ["favourite", "follow"]);
    assert.equal(grouped.statuses[0].id, written[0]);
    step("notifications");
    const marked = await ana.v1.markers.create({ home: { lastReadId: written[0] } });
    assert.equal(marked.home.lastReadId, written[0]);
    assert.equal((await ana.v1.markers.fetch({ timeline: ["home"] })).home.lastReadId, written[0]);
    step("markers");
    await ana.v1.accounts.$select(him.id).follow(); // else his letter waits as a request
    const letter = await ben.v1.statuses.create({ status: `@${me.acct} psst`, visibility: "direct" });
    const [talk] = await eventually(async () => {
      const all = await ana.v1.conversations.list();
      return all.length > 0 ? all : null;
    });
    assert.equal(talk.lastStatus.id, letter.id);
    step("conversations");
    const results = await ben.v2.search.list({ q: me.username, type: "accounts" });
    assert.ok(results.accounts.some((one) => one.id === me.id));
    step("search");
    const instance = await ana.v2.instance.fetch();
    assert.match(instance.version, /^4\.\d/);
    assert.ok(instance.apiVersions.mastodon >= 7);
    assert.ok((await ana.v1.customEmojis.list()).length >= 0);
    assert.equal((await ana.v1.preferences.fetch())["posting:default:visibility"], "public");
    step("instance");
  },

  async settings() {
    const filter = await ana.v2.filters.create({
      title: "no gravel",
      context: ["home", "public"],
      filterAction: "warn",
      keywordsAttributes: [{ keyword: "gravel", wholeWord: true }],
    });
    assert.equal(filter.keywords[0].keyword, "gravel");
    await befriend();
    await ana.v1.accounts.$select(him.id).follow();
    const caught = await ben.v1.statuses.create({ status: "gravel again" });
    const seen = await ana.v1.statuses.$select(caught.id).fetch();
    assert.equal(seen.filtered[0].filter.id, filter.id);
    await ana.v2.filters.$select(filter.id).remove();
    step("filters");
    const tag = await ana.v1.tags.$select("lichen").follow();
    assert.equal(tag.following, true);
    assert.deepEqual((await ana.v1.followedTags.list()).map((one) => one.name), ["lichen"]);
    await ana.v1.featuredTags.create({ name: "lichen" });
    assert.deepEqual((await ana.v1.featuredTags.list()).map((one) => one.name), ["lichen"]);
    step("hashtags");
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const later = await ana.v1.statuses.create({ status: "later", scheduledAt: at });
    assert.equal(later.params.text, "later");
    assert.equal((await ana.v1.scheduledStatuses.list())[0].id, later.id);
    await ana.v1.scheduledStatuses.$select(later.id).remove();
    step("scheduling");
    const policy = await ana.v2.notifications.policy.fetch();
    assert.equal(policy.forNotFollowing, "accept");
    step("policy");
    await refused(ana.v1.statuses.create({ status: "" }), 422);
    await refused(createRestAPIClient({ url: BASE, accessToken: "wrong" }).v1.accounts.verifyCredentials(), 401);
    step("refusals");
  },

  async streaming() {
    await befriend();
    const instance = await ben.v2.instance.fetch();
    const streaming = createStreamingAPIClient({
      streamingApiUrl: instance.configuration.urls.streaming,
      accessToken: BEN,
      log: process.env.LOG,
    });
    const events = streaming.user.subscribe();
    const found = [];
    (async () => {
      for await (const event of events) found.push(event);
    })();
    const cameOf = (kind, id) =>
      eventually(() => found.find((one) => one.event === kind && (one.payload.id ?? one.payload) === id));
    // The library does not say when it listens: what is posted before is not told.
    await eventually(async () => {
      await ana.v1.statuses.create({ status: "do you hear me?" });
      return found.some((one) => one.event === "update");
    });
    const posted = await ana.v1.statuses.create({ status: `@${him.acct} now` });
    await cameOf("update", posted.id);
    await eventually(() => found.find((one) => one.event === "notification" && one.payload.status.id === posted.id));
    await ana.v1.statuses.$select(posted.id).update({ status: `@${him.acct} now, really` });
    await cameOf("status.update", posted.id);
    await ana.v1.statuses.$select(posted.id).remove();
    await cameOf("delete", posted.id);
    streaming.close();
    step("events");
    process.exit(0);
  },
};

await journeys[process.argv[2]]();
