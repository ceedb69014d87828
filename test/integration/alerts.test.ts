/** Alert rules in a real engine: files, API, history, and what survives a kill. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { endAll, squilla, startEngine, temporaryFolder, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';

afterEach(endAll);

const RULE = {
  name: 'few-plays',
  query: 'select count(*) as n from plays window 200ms group by region',
  when: 'n > 5',
  severity: 'critical',
  labels: { team: 'streaming' },
};

interface AlertJson {
  readonly rule: string;
  readonly condition: string;
  readonly key: string;
  readonly episode: string;
  readonly values: Record<string, unknown>;
}

interface TransitionJson {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
  readonly episode: string;
  readonly atMs: number;
  readonly window: { readonly endMs: number } | null;
  readonly reason: string;
}

async function alertsOf(engine: EngineProcess): Promise<AlertJson[]> {
  const { alerts } = (await engine.get('/api/v1/alerts')) as { alerts: AlertJson[] };
  return alerts.filter(({ condition }) => condition === 'threshold');
}

async function historyOf(engine: EngineProcess): Promise<TransitionJson[]> {
  const answer = (await engine.get('/api/v1/alerts/history?rule=few-plays')) as {
    transitions: TransitionJson[];
  };
  return answer.transitions.toReversed();
}

function publish(engine: EngineProcess, region: string, count: number): Promise<Response> {
  const line = JSON.stringify({ region });
  return fetch(`${engine.url}/api/v1/streams/plays/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: Array.from({ length: count }, () => line).join('\n'),
  });
}

function put(engine: EngineProcess, rule: object, headers = {}): Promise<Response> {
  return fetch(`${engine.url}/api/v1/rules/few-plays`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(rule),
  });
}

/** Publishes until the alert fires. */
async function fire(engine: EngineProcess): Promise<AlertJson> {
  const alert = await until(async () => {
    await publish(engine, 'eu', 50);
    return (await alertsOf(engine))[0];
  }, 'the alert fires');
  return alert;
}

describe('the API of rules', () => {
  test('a rule is made, seen, changed and removed, with versions', async () => {
    const engine = await startEngine({});
    const made = await put(engine, RULE, { 'if-none-match': '*' });
    expect([made.status, made.headers.get('etag')]).toEqual([201, '"1"']);
    expect((await put(engine, RULE, { 'if-none-match': '*' })).status).toBe(412);
    const changed = await put(engine, { ...RULE, when: 'n > 6' }, { 'if-match': '"1"' });
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"']);
    expect((await put(engine, RULE, { 'if-match': '"1"' })).status).toBe(412);
    const { rules } = (await engine.get('/api/v1/rules')) as { rules: object[] };
    expect(rules).toMatchObject([{ name: 'few-plays', version: 2, origin: 'api', when: 'n > 6' }]);
    const bad = await put(engine, { ...RULE, when: 'm > 6' });
    expect(bad.status).toBe(400);
    expect(await bad.json()).toMatchObject({
      code: 'ENGINE_BAD_RULES',
      mistakes: [{ message: expect.stringContaining('no column `m`') as string }],
    });
    const removed = await fetch(`${engine.url}/api/v1/rules/few-plays`, { method: 'DELETE' });
    expect(removed.status).toBe(204);
    const { versions } = (await engine.get('/api/v1/rules/few-plays/versions')) as {
      versions: { version: number; text: string | null }[];
    };
    expect(versions.map(({ version, text }) => [version, text === null])).toEqual([
      [3, true],
      [2, false],
      [1, false],
    ]);
  });

  test('an alert fires with evidence, is explained, and resolves', async () => {
    const engine = await startEngine({});
    await put(engine, RULE);
    const alert = await fire(engine);
    expect(alert).toMatchObject({
      rule: 'few-plays',
      key: '{"region":"eu"}',
      labels: { alertname: 'few-plays', severity: 'critical', team: 'streaming', region: 'eu' },
    });
    const why = (await engine.get(
      `/api/v1/rules/few-plays/why?key=${encodeURIComponent(alert.key)}`,
    )) as { alerts: { windows: { why: string }[] }[] };
    expect(why.alerts[0]?.windows.map((window) => window.why)).toContain('it holds: n > 5');
    const prometheus = (await engine.get('/prometheus/api/v1/alerts')) as {
      data: { alerts: object[] };
    };
    expect(prometheus.data.alerts).toMatchObject([{ state: 'firing', labels: { region: 'eu' } }]);
    await until(async () => (await alertsOf(engine)).length === 0, 'the alert resolves');
    const history = await historyOf(engine);
    expect(history.map(({ to }) => to)).toEqual(['firing', 'ok']);
    expect(history[0]?.episode).toBe(history[1]?.episode);
  });

  test('a rule is previewed over the windows that its running query holds', async () => {
    const engine = await startEngine({});
    await put(engine, { ...RULE, when: 'n > 1000000' });
    await until(async () => {
      await publish(engine, 'eu', 50);
      const why = (await engine.get('/api/v1/rules/few-plays')) as { keys: { trail: number[] }[] };
      return why.keys.some(({ trail }) => trail.some((n) => n > 5));
    }, 'a window with plays');
    const response = await fetch(`${engine.url}/api/v1/rules/preview`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(RULE),
    });
    const { mistakes, preview } = (await response.json()) as {
      mistakes: object[];
      preview: { windows: object[]; transitions: { to: string }[]; states: object[] };
    };
    expect(mistakes).toEqual([]);
    expect(preview.windows.length).toBeGreaterThan(1);
    expect(preview.transitions.map(({ to }) => to)).toContain('firing');
    expect(preview.states).toHaveLength(1);
  });

  test('transitions are events that a query can read', async () => {
    const engine = await startEngine({});
    await put(engine, RULE);
    const query = encodeURIComponent("select rule, to from squilla.alerts where to = 'firing'");
    const live = await fetch(`${engine.url}/api/v1/query/live?q=${query}`);
    const reader = live.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const heard = (async () => {
      while (!text.includes('few-plays')) {
        const { value, done } = await reader.read();
        if (done) return;
        text += value;
      }
    })();
    await fire(engine);
    await heard;
    await reader.cancel();
    expect(text).toContain('"to":"firing"');
  });
});

describe('squilla rules', () => {
  async function rules(engine: EngineProcess, ...args: readonly string[]): Promise<string> {
    const { code, out, err } = await squilla(['rules', ...args, '--url', engine.url]);
    expect([err, code]).toEqual(['', args[0] === 'diff' ? 1 : 0]);
    return out;
  }

  test('shows the rules of an engine, says why, and what files would change', async () => {
    const engine = await startEngine({});
    await put(engine, { ...RULE, keep_firing_for: '10m' });
    await fire(engine);
    expect(await rules(engine, 'list')).toMatch(/few-plays +firing +ok +1 +0 +critical +api/);
    expect(await rules(engine, 'show', 'few-plays')).toMatch(
      /\{"region":"eu"\} +(firing|recovering)/,
    );
    const why = await rules(engine, 'why', 'few-plays', '--key', 'region=eu');
    expect(why).toContain('it holds: n > 5');
    expect(why).toContain('ok → firing');
    const file = join(temporaryFolder(), 'rules.yaml');
    const others = [
      { ...RULE, when: 'n > 7' },
      { ...RULE, name: 'many-plays' },
    ];
    writeFileSync(file, JSON.stringify({ rules: others }));
    expect(await rules(engine, 'diff', file)).toBe('~ few-plays\n+ many-plays\n');
  });
});

describe('a directory of rules', () => {
  test('is read anew when it changes, whole or not at all', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'plays.yaml');
    writeFileSync(file, JSON.stringify(RULE));
    const engine = await startEngine({ flags: ['--rules', folder], settings: { rulesPollMs: 50 } });
    const names = async (): Promise<string[]> => {
      const { rules } = (await engine.get('/api/v1/rules')) as { rules: { name: string }[] };
      return rules.map(({ name }) => name);
    };
    expect(await names()).toEqual(['few-plays']);
    expect((await put(engine, RULE)).status).toBe(409);
    writeFileSync(join(folder, 'more.yaml'), JSON.stringify({ ...RULE, name: 'many-plays' }));
    await until(async () => (await names()).length === 2, 'the second rule is there');
    writeFileSync(join(folder, 'more.yaml'), JSON.stringify({ ...RULE, name: 'x', when: 'm > 1' }));
    const refused = await until(async () => {
      const { files } = (await engine.get('/api/v1/rules')) as { files: { ok: boolean } };
      return files.ok ? undefined : files;
    }, 'the reload is refused');
    expect(refused).toMatchObject({ mistakes: [{ file: 'more.yaml', line: 1 }] });
    expect(await names()).toEqual(['few-plays', 'many-plays']);
    rmSync(join(folder, 'more.yaml'));
    await until(async () => (await names()).length === 1, 'the second rule is gone');
  });
});

describe('a kill', () => {
  test('while an alert fires loses nothing and pages nobody again', async () => {
    const data = temporaryFolder();
    const engine = await startEngine({ flags: ['--data', data] });
    // It holds until more events come, so that it fires over the whole restart.
    await put(engine, { ...RULE, keep_firing_for: '10m' });
    const before = await fire(engine);
    expect(existsSync(join(data, 'squilla.db'))).toBe(true);
    const pid = engine.enginePid();
    process.kill(pid, 'SIGKILL');
    await until(() => (engine.enginePid() !== pid ? true : undefined), 'another process');
    const after = await until(async () => {
      try {
        return (await alertsOf(engine))[0];
      } catch {
        return undefined;
      }
    }, 'the engine answers again');
    expect(after.episode).toBe(before.episode);
    await fire(engine);
    const history = await historyOf(engine);
    // Between the two bursts it may have begun to recover; that is the same episode, going on.
    const begun = history.filter(({ from, to }) => from === 'ok' && to === 'firing');
    expect(begun).toHaveLength(1);
    expect(begun[0]?.reason).toMatch(/^n > 5/);
    expect(new Set(history.map(({ episode }) => episode)).size).toBe(1);
  });
});
