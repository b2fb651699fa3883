// What scripts call and nobody else is asked for: baselines, formats, digests, graphs; and how old
// ones are written today.
(function () {
  'use strict';

  // Baselines: whether the latest value is within some standard deviations of the ones before.
  const baselines = new Map();
  const MOST_BASELINES = 10000;
  const MOST_VALUES = 1000;

  const whole = (value, least, most) => {
    const number = Math.floor(Number(value));
    if (!(number >= least && number <= most)) throw new Error(`${value} is not ${least} to ${most}`);
    return number;
  };

  function baselineCreate(name, window = 180, sensitivity = 2, repeat = 3) {
    if (!baselines.has(name) && baselines.size >= MOST_BASELINES) throw new Error('too many baselines');
    const one = {window: whole(window, 2, MOST_VALUES), sensitivity: Number(sensitivity),
      repeat: whole(repeat, 1, MOST_VALUES), values: [], outside: 0};
    if (!(one.sensitivity > 0)) throw new Error('the sensitivity is more than 0');
    baselines.set(name, one);
    return true;
  }

  function statisticsOf({values, window, sensitivity}) {
    if (values.length < window) return null;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    const sdev = Math.sqrt(variance);
    return {mean, variance, sdev, min: mean - sensitivity * sdev, max: mean + sensitivity * sdev};
  }

  // One that is outside, but not for `repeat` values yet, is taken in like any other.
  function baselineCheck(name, value) {
    const one = baselines.get(name);
    if (!one) return null;
    const number = Number(value);
    if (!Number.isFinite(number)) throw new Error(`${value} is no number`);
    const statistics = statisticsOf(one);
    one.values.push(number);
    if (one.values.length > one.window) one.values.shift();
    if (!statistics) return 'learning';
    const side = number > statistics.max ? 1 : (number < statistics.min ? -1 : 0);
    one.outside = side === 0 || Math.sign(one.outside) === -side ? side : one.outside + side;
    if (Math.abs(one.outside) < one.repeat) return 'normal';
    return one.outside > 0 ? 'high' : 'low';
  }

  function baselineReset(name) {
    const one = baselines.get(name);
    if (one) Object.assign(one, {values: [], outside: 0});
    return one !== undefined;
  }

  const pad = (number, size) => String(number).padStart(size, '0');
  const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
  const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August',
    'September', 'October', 'November', 'December'];
  const named = (name, size) => (size > 3 ? name : name.slice(0, 3));
  const dateParts = {
    y: (d, n) => (n === 2 ? pad(d.getUTCFullYear() % 100, 2) : pad(d.getUTCFullYear(), n)),
    M: (d, n) => (n > 2 ? named(MONTHS[d.getUTCMonth()], n) : pad(d.getUTCMonth() + 1, n)),
    d: (d, n) => pad(d.getUTCDate(), n),
    E: (d, n) => named(DAYS[d.getUTCDay()], n),
    H: (d, n) => pad(d.getUTCHours(), n),
    h: (d, n) => pad(d.getUTCHours() % 12 || 12, n),
    m: (d, n) => pad(d.getUTCMinutes(), n),
    s: (d, n) => pad(d.getUTCSeconds(), n),
    S: (d, n) => pad(d.getUTCMilliseconds(), n),
    a: (d) => (d.getUTCHours() < 12 ? 'AM' : 'PM'),
    z: () => 'UTC',
    Z: () => '+0000',
    X: () => 'Z',
  };

  // Patterns of Java's SimpleDateFormat; the time is UTC.
  function formatDate(date, pattern) {
    const when = date instanceof Date ? date : new Date(Number(date));
    if (isNaN(when)) throw new Error(`${date} is no date`);
    const text = pattern === undefined ? "yyyy-MM-dd'T'HH:mm:ssZ" : String(pattern);
    return text.replace(/'((?:[^']|'')*)'|([A-Za-z])\2*/g, (found, quoted, letter) => {
      if (letter === undefined) return quoted === '' ? "'" : quoted.replace(/''/g, "'");
      if (!dateParts[letter]) throw new Error(`'${letter}' is nothing of a date`);
      return dateParts[letter](when, found.length);
    });
  }

  // Patterns of Java's DecimalFormat: '#,##0.00', '0.#%', "0'%' more": what is quoted stands for
  // itself. Until the end a character of nobody's is in its place.
  function formatNumber(number, pattern) {
    const quotes = [];
    const bare = (pattern === undefined ? '#,##0.###' : String(pattern)).replace(
      /'((?:[^']|'')*)'/g, (all, quoted) => {
        quotes.push(quoted === '' ? "'" : quoted.replace(/''/g, "'"));
        return String.fromCharCode(0xe000 + quotes.length - 1);
      });
    const found = /^([^#0.,]*)([#,]*)([0,]*)(?:\.(0*)(#*))?([^#0.,]*)$/.exec(bare);
    if (!found) throw new Error(`${pattern} is no pattern of numbers`);
    const [, before, optional, required, fixed = '', loose = '', after] = found;
    const value = Number(number) * (before.includes('%') || after.includes('%') ? 100 : 1);
    if (!Number.isFinite(value)) return String(value);
    let [whole, fraction = ''] = Math.abs(value).toFixed(
      Math.min(fixed.length + loose.length, 20)).split('.');
    while (fraction.length > fixed.length && fraction.endsWith('0')) fraction = fraction.slice(0, -1);
    const least = required.replace(/,/g, '').length;
    whole = least === 0 && whole === '0' && fraction !== '' ? '' : pad(whole, least);
    const groups = (optional + required).split(',');
    const size = groups.length > 1 ? groups[groups.length - 1].length : 0;
    if (size > 0) whole = whole.replace(new RegExp(`\\B(?=(\\d{${size}})+$)`, 'g'), ',');
    const sign = value < 0 && /[1-9]/.test(whole + fraction) ? '-' : '';
    const made = sign + before + whole + (fraction === '' ? '' : '.' + fraction) + after;
    return made.replace(/[\ue000-\uf8ff]/g, (one) => quotes[one.charCodeAt(0) - 0xe000] ?? one);
  }

  // RFC 1321, of the text in UTF-8.
  function md5(text) {
    const octets = unescape(encodeURIComponent(String(text)));
    const words = [];
    for (let i = 0; i < octets.length; ++i) words[i >> 2] |= octets.charCodeAt(i) << ((i % 4) * 8);
    words[octets.length >> 2] |= 0x80 << ((octets.length % 4) * 8);
    const size = (((octets.length + 8) >> 6) + 1) * 16;
    words[size - 2] = octets.length * 8;
    words[size - 1] = Math.floor(octets.length / 0x20000000);
    const shifts = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
    const mixes = [(b, c, d) => (b & c) | (~b & d), (b, c, d) => (b & d) | (c & ~d),
      (b, c, d) => b ^ c ^ d, (b, c, d) => c ^ (b | ~d)];
    const places = [(i) => i, (i) => 5 * i + 1, (i) => 3 * i + 5, (i) => 7 * i];
    let state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
    for (let at = 0; at < size; at += 16) {
      let [a, b, c, d] = state;
      for (let i = 0; i < 64; ++i) {
        const round = i >> 4;
        const sine = Math.floor(Math.abs(Math.sin(i + 1)) * 0x100000000);
        const sum = (a + mixes[round](b, c, d) + sine + (words[at + places[round](i) % 16] | 0)) | 0;
        const shift = shifts[round][i % 4];
        [a, b, c, d] = [d, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0, b, c];
      }
      state = [a, b, c, d].map((one, i) => (one + state[i]) | 0);
    }
    const hex = (word) => [0, 8, 16, 24].map((shift) =>
      pad(((word >>> shift) & 255).toString(16), 2)).join('');
    return state.map(hex).join('');
  }

  // Of a topology: the links of each node, as [link, node at its other end].
  function neighborsOf(links) {
    const all = new Map();
    const add = (node, link, other) => all.set(node, (all.get(node) || []).concat([[link, other]]));
    for (const [name, link] of Object.entries(links)) {
      add(link.node1, name, link.node2);
      add(link.node2, name, link.node1);
    }
    return all;
  }

  // The fewest links from a node to each that can be reached, and by which link one comes there.
  function walk(links, from) {
    const neighbors = neighborsOf(links);
    const seen = new Map([[from, {length: 0}]]);
    const queue = [from];
    for (let at = 0; at < queue.length; ++at) {
      const {length} = seen.get(queue[at]);
      for (const [link, node] of neighbors.get(queue[at]) || []) {
        if (seen.has(node)) continue;
        seen.set(node, {length: length + 1, link, before: queue[at]});
        queue.push(node);
      }
    }
    return seen;
  }

  function shortestPath({links}, from, to) {
    const seen = walk(links, from);
    if (!seen.has(to)) return null;
    const path = [];
    for (let at = to; at !== from; at = seen.get(at).before) path.unshift(seen.get(at).link);
    return path;
  }

  // Without loops, the shortest first; of more than so many beginnings, not all are looked at.
  function shortestPaths({links}, from, to, most, longest) {
    const MOST_BEGINNINGS = 10000;
    const neighbors = neighborsOf(links);
    const found = [];
    const queue = [{at: from, path: [], nodes: [from]}];
    for (let i = 0; i < queue.length && i < MOST_BEGINNINGS && found.length < most; ++i) {
      const {at, path, nodes} = queue[i];
      if (at === to) {
        found.push(path);
        continue;
      }
      if (longest !== undefined && path.length >= longest) continue;
      for (const [link, node] of neighbors.get(at) || []) {
        if (nodes.includes(node)) continue;
        queue.push({at: node, path: path.concat(link), nodes: nodes.concat(node)});
      }
    }
    return found;
  }

  function spanningTree({links}) {
    const tree = [];
    const seen = new Set();
    for (const start of neighborsOf(links).keys()) {
      if (seen.has(start)) continue;
      for (const [node, {link}] of walk(links, start)) {
        seen.add(node);
        if (link !== undefined) tree.push(link);
      }
    }
    return tree;
  }

  function diameter({links}) {
    let longest = 0;
    for (const start of neighborsOf(links).keys()) {
      for (const {length} of walk(links, start).values()) longest = Math.max(longest, length);
    }
    return longest;
  }

  const parses = (source) => {
    try {
      return new Function(source) !== undefined;
    } catch (error) {
      return false;
    }
  };

  // Where the expression ends that begins there.
  function endOfExpression(source, begin) {
    let quote = '';
    let depth = 0;
    for (let at = begin; at < source.length; ++at) {
      const one = source[at];
      if (quote !== '' && one === '\\') ++at;
      else if (quote !== '') quote = one === quote ? '' : quote;
      else if ('\'"`'.includes(one)) quote = one;
      else if (depth === 0 && ',;)]}'.includes(one)) return at;
      else if ('([{'.includes(one)) ++depth;
      else if (')]}'.includes(one)) --depth;
    }
    return source.length;
  }

  // Mozilla's expression closures, `function(x) x + 1`, with a body; not in comments and texts.
  function closed(source) {
    const token = new RegExp(['//[^\\n]*', '/\\*[^]*?\\*/', "'(?:\\\\.|[^'\\\\\\n])*'",
      '"(?:\\\\.|[^"\\\\\\n])*"',
      '\\bfunction\\b\\s*[\\w$]*\\s*\\([^()]*\\)[^\\S\\n]*(?=[^\\s{])(?!/[/*])'].join('|'), 'g');
    let out = '';
    let at = 0;
    for (let found = token.exec(source); found; found = token.exec(source)) {
      if (!found[0].startsWith('function')) continue;
      const begin = token.lastIndex;
      const end = endOfExpression(source, begin);
      out += source.slice(at, begin) + '{ return ' + closed(source.slice(begin, end)) + '; }';
      at = token.lastIndex = end;
    }
    return out + source.slice(at);
  }

  // What scripts of Mozilla's time have is rewritten, and closures only where nothing else helps.
  function compatible(source) {
    const modern = withoutForEach(source);
    return parses(modern) ? modern : closed(modern);
  }

  // Its `for each (var x in y)` as `for ... of`.
  function withoutForEach(source) {
    const start = /\bfor\s+each\s*\(\s*((?:var|let|const)\s+)?([\w$]+)\s+in\s+/g;
    let out = '';
    let at = 0;
    for (let found = start.exec(source); found; found = start.exec(source)) {
      let end = start.lastIndex;
      for (let depth = 1, quote = ''; end < source.length; ++end) {
        const one = source[end];
        if (quote !== '' && one === '\\') ++end;
        else if (quote !== '') quote = one === quote ? '' : quote;
        else if ('\'"`'.includes(one)) quote = one;
        else if (one === '(') ++depth;
        else if (one === ')' && --depth === 0) break;
      }
      out += source.slice(at, found.index) + `for (${found[1] || ''}${found[2]} of Object.values(` +
        source.slice(start.lastIndex, end) + ')';
      at = end;
    }
    return out + source.slice(at);
  }

  return {
    functions: {
      baselineCreate, baselineCheck, baselineReset, formatDate, formatNumber, md5,
      baselineStatistics: (name) => (baselines.has(name) ? statisticsOf(baselines.get(name)) : null),
      baselineDelete: (name) => baselines.delete(name),
    },
    graph: {shortestPath, shortestPaths, spanningTree, diameter},
    compatible,
  };
})()
