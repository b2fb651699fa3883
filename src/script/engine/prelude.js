// What scripts call, with sFlow-RT's names, over three functions of the process: host.call(text),
// host.tell(text) and host.evaluate(source, file), and library.js. Returns the function that takes
// work.
(function (host, library) {
  'use strict';
  const {parse, stringify} = JSON;

  function call(name, ...args) {
    const answer = parse(host.call(stringify({call: name, args})));
    if ('error' in answer) throw new Error(`${name}: ${answer.error}`);
    return answer.ok;
  }
  const tell = (name, ...args) => host.tell(stringify({tell: name, args}));

  // The REST API, in process. Nothing at the path is null.
  function rest(method, path, query, body) {
    const pairs = [];
    for (const [key, value] of Object.entries(query || {})) {
      if (value === undefined || value === null) continue;
      for (const one of [].concat(value)) pairs.push([key, String(one)]);
    }
    const text = body === undefined ? '' : stringify(body);
    const answer = call('rest', method, path.map(String), pairs, text);
    if (answer.status === 404) return null;
    if (answer.status >= 300) {
      let detail = answer.body;
      try { detail = parse(detail).detail || detail; } catch (e) { /* a text */ }
      throw new Error(`/${path.join('/')}: ${detail}`);
    }
    return answer;
  }
  function get(path, query) {
    const answer = rest('GET', [...path, 'json'], query);
    return answer && parse(answer.body);
  }
  function put(path, value) {
    if (!rest('PUT', [...path, 'json'], null, value)) throw new Error(`/${path.join('/')}: not here`);
    return true;
  }
  const remove = (path) => rest('DELETE', [...path, 'json']) !== null;
  const joined = (value, mark) => (Array.isArray(value) ? value.join(mark) : value);
  const agentsOf = (value) => joined(value, ';') || 'ALL';
  const listOf = (value) => (value === undefined || value === null ? null : [].concat(value));

  const log = (level) => (...words) => tell('log', level, words.map(String).join(' '));
  const severe = log('SEVERE');

  function describe(error) {
    if (!(error instanceof Error)) return String(error);
    const place = error.fileName ? ` (${error.fileName}:${error.lineNumber})` : '';
    return `${error.name}: ${error.message}${place}`;
  }

  // Handlers for some names, or for all.
  class Handlers {
    constructor(watch) {
      this.watch = watch;
      this.all = [];
    }
    set(handler, names) {
      const wanted = listOf(names);
      const same = (a) => stringify(a.wanted) === stringify(wanted);
      this.all = this.all.filter((one) => !same(one)).concat({handler, wanted});
      this.tell();
    }
    clear() {
      this.all = [];
      this.tell();
    }
    tell() {
      const isForAll = this.all.some((one) => one.wanted === null);
      tell(this.watch, isForAll ? null : this.all.flatMap((one) => one.wanted));
    }
    run(item, name) {
      for (const {handler, wanted} of this.all) {
        if (wanted === null || wanted.includes(name)) guarded(handler, item);
      }
    }
  }

  let failure = null;  // the first of the work at hand
  function guarded(handler, ...args) {
    try {
      return handler(...args);
    } catch (error) {
      failure = failure || describe(error);
      return undefined;
    }
  }

  const events = new Handlers('events');
  const flows = new Handlers('flows');
  let onInterval = null;
  let onHttp = null;
  let properties = {};
  let directory = '.';

  function base64(text) {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const octets = unescape(encodeURIComponent(text));
    let out = '';
    for (let i = 0; i < octets.length; i += 3) {
      const [a, b, c] = [0, 1, 2].map((n) => octets.charCodeAt(i + n));
      out += letters[a >> 2] + letters[((a & 3) << 4) | (b >> 4)];
      out += isNaN(b) ? '=' : letters[((b & 15) << 2) | (c >> 6)];
      out += isNaN(c) ? '=' : letters[c & 63];
    }
    return out;
  }

  // What http2 and httpAsync take, as the host wants it.
  function outgoing(req) {
    const headers = {...(req.headers || {})};
    let body = req.body;
    const has = (name) => Object.keys(headers).some((key) => key.toLowerCase() === name);
    if (body !== undefined && body !== null && typeof body !== 'string') {
      body = stringify(body);
      if (!has('content-type')) headers['Content-Type'] = 'application/json';
    }
    if (req.user) {
      headers.Authorization = 'Basic ' + base64(`${req.user}:${req.password || ''}`);
    }
    const method = req.operation || req.method || (body ? 'POST' : 'GET');
    return {url: String(req.url), method: String(method).toUpperCase(), headers, body: body || '',
      certs: req.certs ? String(req.certs) : ''};
  }

  // The topology as it was when it was last another one.
  const {graph} = library;
  let known = {version: -1};
  function topology() {
    if (call('topologyVersion') !== known.version) known = get(['topology']);
    return known;
  }
  const interfaceAt = (agent, source) => call('topologyInterface', String(agent), Number(source));
  function linkAt(agent, source) {
    const {node, link: linkname} = interfaceAt(agent, source);
    const link = topology().links[linkname];
    if (!link) return null;
    const [local, remote] = link.node1 === node ? ['1', '2'] : ['2', '1'];
    return {linkname, link: linkname, localnode: node, localport: link['port' + local],
      remotenode: link['node' + remote], remoteport: link['port' + remote]};
  }
  // Of a port, as api.metric tells them; without values if it is not known.
  function metricsOf(node, port, metrics) {
    const names = String(joined(metrics, ',')).split(',');
    const agent = call('topologyAgent', node);
    if (!agent) return names.map((metricName) => ({metricName}));
    const told = ((topology().nodes[node] || {ports: {}}).ports || {})[port];
    if (!told) return api.metric(agent, names.join(','), {ifname: port});
    return api.metric(agent, names.map((name) => `${told.ifindex}.${name}`).join(','))
      .map((one, i) => ({...one, metricName: names[i]}));
  }

  // Where hosts are: the ports at the edge at which frames from them come in. Flows know that, from
  // the first question on.
  const MOST_HOSTS = 10000;
  const hostKeys = {mac: 'macsource', ip: 'ipsource', ip6: 'ip6source'};
  function hostFlow(kind) {
    const name = `fabrix_host_${kind}`;
    put(['flow', name], {keys: hostKeys[kind], value: 'frames', filter: 'direction=ingress', n: 20, t: 60});
    return name;
  }
  function located(kind, key) {
    return get(['flowlocations', 'EDGE', hostFlow(kind)], {key}).map(({agent, dataSource}) => {
      const {node, port} = interfaceAt(agent, dataSource);
      const place = {agent, ifindex: dataSource, [kind === 'mac' ? 'mac' : 'ipaddress']: key};
      return {...place, ...(node && {node}), ...(port && {port})};
    });
  }

  const routers = new Map();  // what is called of their sessions, by address
  const awaited = new Map();  // of httpAsync, by number
  let lastRequest = 0;

  const api = {
    // The engine
    version: () => rest('GET', ['version']).body,
    analyzer: () => get(['analyzer']),
    agents: (selected) => get(['agents'], {agent: joined(selected, ';')}),
    metrics: () => get(['metrics']),
    metric: (agents, metrics, filter) =>
      get(['metric', agentsOf(agents), joined(metrics, ',')], filter),
    dump: (agents, metrics, filter) =>
      get(['dump', agentsOf(agents), joined(metrics, ',')], filter),
    table: (agents, metrics, filter) =>
      get(['table', agentsOf(agents), joined(metrics, ',')], filter),
    flowKeys: () => get(['flowkeys']),
    datasourceInfo: (agent, source) => call('datasourceInfo', String(agent), String(source)),

    // Flows
    setFlow: (name, spec) => put(['flow', name], spec),
    getFlow: (name) => get(['flow', name]),
    clearFlow: (name) => remove(['flow', name]),
    activeFlows: (agents, name, maxFlows, minValue, aggMode, key) =>
      get(['activeflows', agentsOf(agents), name], {maxFlows, minValue, aggMode, key}),
    flowLocations: (agents, name, key) => get(['flowlocations', agentsOf(agents), name], {key}),
    flowValue: (agent, name, key) => get(['flowvalue', agent, name], {key}),
    setFlowHandler: (handler, names) => flows.set(handler, names),
    clearFlowHandler: () => flows.clear(),

    // Thresholds
    setThreshold: (name, spec) => put(['threshold', name], spec),
    getThreshold: (name) => get(['threshold', name]),
    clearThreshold: (name) => remove(['threshold', name]),
    setEventHandler: (handler, names) => events.set(handler, names),
    clearEventHandler: () => events.clear(),
    thresholdTriggered: (name, agent, metric, flowKey) =>
      call('thresholdTriggered', name, agent, metric, flowKey === undefined ? null : flowKey),

    // Time
    setIntervalHandler(handler, seconds) {
      onInterval = handler;
      tell('interval', seconds === undefined ? 1 : Number(seconds));
    },
    clearIntervalHandler() {
      onInterval = null;
      tell('interval', 0);
    },

    // HTTP
    setHttpHandler(handler) { onHttp = handler; },
    clearHttpHandler() { onHttp = null; },
    http(url, method, type, body, user, password, accept) {
      const headers = {};
      if (type) headers['Content-Type'] = type;
      if (accept) headers.Accept = accept;
      const answer = call('http', outgoing({url, method, headers, body, user, password}));
      if (answer.status >= 300) throw new Error(`http: status ${answer.status}`);
      return answer.body;
    },
    http2: (req) => call('http', outgoing(req)),
    httpAsync(req, handler) {
      const number = ++lastRequest;
      call('httpAsync', number, outgoing(typeof req === 'string' ? {url: req} : req));
      awaited.set(number, {url: req.url || req, handler, success: req.success, onError: req.error});
    },

    // Names of addresses and values, targets of forwarding
    setGroups: (name, groups) => put(['group', name], groups),
    getGroups: (name) => get(['group', name]),
    clearGroups: (name) => remove(['group', name]),
    setMap: (name, map) => put(['map', name], map),
    getMap: (name) => get(['map', name]),
    clearMap: (name) => remove(['map', name]),
    setForward: (name, target) => put(['forwarding', name], target),
    getForward: (name) => get(['forwarding', name]),
    clearForward: (name) => remove(['forwarding', name]),

    // What lasts
    storeGet: (key) => call('storeGet', key),
    storeSet: (key, value) => call('storeSet', key, value === undefined ? null : value),
    storeDelete: (key) => call('storeDelete', key),
    storeKeys: () => call('storeKeys'),
    sharedGet: (key) => call('sharedGet', key),
    sharedSet: (key, value) => call('sharedSet', key, value === undefined ? null : value),

    // Routes
    bgpTopPrefixes: (router, maxPrefixes, minValue, direction, includeCovered, minPrefix,
                     pruneCovered) =>
      get(['bgp', 'topprefixes', router],
          {maxPrefixes, minValue, direction, includeCovered, minPrefix, pruneCovered}),
    bgpTopPrefixes6: (router, maxPrefixes, minValue, direction, includeCovered, minPrefix,
                      pruneCovered) =>
      get(['bgp', 'topprefixes6', router],
          {maxPrefixes, minValue, direction, includeCovered, minPrefix, pruneCovered}),
    bgpAddSource: (agent, router, seconds, value) =>
      call('bgpAddSource', agent, router, seconds === undefined ? null : Number(seconds),
           value === undefined ? null : value),
    bgpSetNextHops(hops) {
      const map = {};
      for (const [address, mac] of Object.entries(hops)) map[address] = [].concat(mac);
      return put(['map', 'nexthops'], map);
    },
    bgpAddNeighbor(router, as, id, options, onOpen, onClose) {
      routers.set(router, {onOpen, onClose});
      call('bgpAddNeighbor', router, as, id, options || {});
      return true;
    },
    bgpRemoveNeighbor(router) {
      routers.delete(router);
      return call('bgpRemoveNeighbor', router);
    },
    bgpAddRoute: (router, route) => call('bgpAddRoute', router, route),
    bgpRemoveRoute: (router, route) =>
      call('bgpRemoveRoute', router, typeof route === 'string' ? route : route.prefix),
    bgpRouteCount: (router) => call('bgpRouteCount', router),
    bgpAddFlow: (router, flow) => call('bgpAddFlow', router, flow),
    bgpRemoveFlow: (router, flow) => call('bgpRemoveFlow', router, flow),
    bgpFlowCount: (router) => call('bgpFlowCount', router),

    // The topology; it is asked for anew when it is another one
    setTopology: (topology) => put(['topology'], topology),
    getTopology: () => get(['topology']),
    topologyVersion: () => call('topologyVersion'),
    topologyNodeNames: () => Object.keys(topology().nodes),
    topologyLinkNames: () => Object.keys(topology().links),
    topologyNode: (name) => topology().nodes[name] || null,
    topologyLink: (name) => topology().links[name] || null,
    topologyNodeLinks: (name) => Object.entries(topology().links)
      .filter(([, link]) => link.node1 === name || link.node2 === name).map(([link]) => link),
    topologyInterfaceToPort: (agent, source) => {
      const found = interfaceAt(agent, source);
      if (!found.node || !found.port) return null;
      const {node, port, dpid, ofport} = found;
      return {node, port, ...(dpid && {dpid}), ...(ofport && {ofport})};
    },
    ifName: (agent, source) => {
      const [told] = api.metric(String(agent), `${source}.ifname`);
      return (told && told.metricValue) || interfaceAt(agent, source).port || null;
    },
    topologyInterfaceToLink: linkAt,
    topologyAgentForNode: (name) => call('topologyAgent', String(name)),
    topologyNodesForAgent: (agent) => call('topologyNodes', String(agent)),
    topologyLinkMetric: (name, metrics, node) => {
      const link = topology().links[name];
      if (!link) return null;
      const ends = [[link.node1, link.port1], [link.node2, link.port2]];
      if (node === link.node2) ends.reverse();
      return ends.flatMap(([at, port]) => metricsOf(at, port, metrics));
    },
    topologyShortestPath: (from, to) => graph.shortestPath(topology(), from, to),
    topologyShortestPaths: (from, to, most, longest) =>
      graph.shortestPaths(topology(), from, to, most === undefined ? 1 : most, longest),
    topologyMinimumSpanningTree: () => graph.spanningTree(topology()),
    topologyDiameter: () => graph.diameter(topology()),
    topologyLocateHostMac: (mac) => located('mac', String(mac).replace(/[:.-]/g, '').toUpperCase()),
    topologyLocateHostIP: (address) => located('ip', String(address)),
    topologyLocateHostIP6: (address) => located('ip6', String(address)),
    topologyLocatedHostMacs: () =>
      api.activeFlows('EDGE', hostFlow('mac'), MOST_HOSTS, 0).map(({key}) => key),

    // What is reckoned here
    ...library.functions,

    // The rest
    logFine: log('FINE'),
    logInfo: log('INFO'),
    logWarning: log('WARNING'),
    logSevere: severe,
    syslog: (address, port, facility, severity, message) =>
      call('syslog', String(address), Number(port || 514), Number(facility || 16),
           Number(severity ?? 5), message),
    graphite: (host, port, metrics) => call('graphite', String(host), Number(port || 2003), metrics),
    dnsGetAllByName: (name) => call('dnsGetAllByName', String(name)),
    runCmd: (words) => call('runCmd', [].concat(words).map(String)),
    include(file) {
      const {file: found, source} = call('include', String(file));
      return host.evaluate(library.compatible(source), found);
    },
    scriptdir: () => directory,
    getSystemProperty: (name) => (name in properties ? properties[name] : null),
    getSystemPropertyNames: () => Object.keys(properties),
  };

  // The name after `// wrapglobals:` among the comments that a script begins with.
  function wrapperIn(source) {
    for (const line of source.split('\n')) {
      const found = /^\s*\/\/\s*wrapglobals:\s*([\w$]+)/.exec(line);
      if (found) return found[1];
      if (line.trim() !== '' && !/^\s*\/\//.test(line)) return null;
    }
    return null;
  }

  function load(work) {
    properties = work.properties;
    directory = work.file.includes('/') ? work.file.replace(/\/[^/]*$/, '') || '/' : '.';
    const wrapper = wrapperIn(work.source);
    if (wrapper) globalThis[wrapper] = api;
    else Object.assign(globalThis, api);
    host.evaluate(library.compatible(work.source), work.file);
  }

  const statuses = {bad_request: 400, forbidden: 403, not_found: 404, internal_server_error: 500};
  const types = {json: 'application/json', txt: 'text/plain; charset=utf-8',
    html: 'text/html; charset=utf-8'};

  function answer(req) {
    const type = types[req.format] || types.txt;
    if (!onHttp) return {status: 404, type: types.txt, body: 'the script answers no requests\n'};
    if (req.format === 'json' && req.body !== '') {
      try {
        req.body = parse(req.body);
      } catch (error) {
        req.error = 'bad_request';
      }
    }
    if (req.body === '') delete req.body;
    try {
      const value = onHttp(req);
      if (value === undefined) return {status: 204, type, body: ''};
      return {status: 200, type, body: req.format === 'json' ? stringify(value) : String(value)};
    } catch (error) {
      const status = statuses[error];
      if (status) return {status, type: types.txt, body: `${error}\n`};
      failure = describe(error);
      return {status: 500, type: types.txt, body: 'the script failed\n'};
    }
  }

  function asyncAnswer({number, reply, error}) {
    const {url, handler, success, onError} = awaited.get(number) || {};
    awaited.delete(number);
    if (error !== undefined) {
      if (onError) onError({url, status: 0, error, toString: () => error});
      else throw new Error(`httpAsync: ${error}`);
      return;
    }
    const wanted = handler || (reply.status < 400 ? success : onError);
    if (wanted) wanted({url, ...reply});
  }

  function bgpChanged(router, handler) {
    const wanted = (routers.get(router) || {})[handler];
    if (wanted) wanted(router);
  }

  const jobs = {
    load,
    interval: (work) => { if (onInterval) onInterval(work.now); },
    events: (work) => { for (const item of work.items) events.run(item, item.thresholdID); },
    flows: (work) => { for (const item of work.items) flows.run(item, item.name); },
    http: (work) => answer(work.request),
    reply: asyncAnswer,
    bgpOpen: (work) => bgpChanged(work.router, 'onOpen'),
    bgpClose: (work) => bgpChanged(work.router, 'onClose'),
  };

  return (text) => {
    const work = parse(text);
    failure = null;
    const done = guarded(jobs[work.do], work);
    const result = {done: done === undefined || work.do !== 'http' ? null : done};
    if (failure !== null) result.error = failure;
    return stringify(result);
  };
})
