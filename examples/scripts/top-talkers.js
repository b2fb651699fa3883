// author: the Fabrix authors
// version: 1.0
// date: 5/4/2026
// description: The largest flows now, and which of them were the largest of late
//
// GET /script/top-talkers.js/top/json?n=5     the largest flows
// GET /script/top-talkers.js/top/txt          the same as lines
// GET /script/top-talkers.js/peaks/json       the largest that any flow has been, kept over restarts

var N = getSystemProperty('top.n') || 10;
var peaks = storeGet('peaks') || {};

setFlow('top_talkers', {keys: 'ipsource,ipdestination,or:tcpdestinationport:udpdestinationport:icmptype',
                        value: 'bytes', t: 5});

function top(n) {
  return (activeFlows('ALL', 'top_talkers', n, 0, 'max') || []).map(function(flow) {
    var [source, destination, port] = flow.key.split(',');
    return {source: source, destination: destination, port: port, bps: flow.value * 8};
  });
}

setIntervalHandler(function(now) {
  var changed = false;
  for each (var flow in top(N)) {
    var key = flow.source + ' > ' + flow.destination;
    if (peaks[key] && peaks[key].bps >= flow.bps) continue;
    peaks[key] = {bps: flow.bps, time: now};
    changed = true;
  }
  if (changed) storeSet('peaks', peaks);
}, 1);

setHttpHandler(function(req) {
  var path = req.path;
  if (path.length !== 1) throw 'not_found';
  switch (path[0]) {
  case 'top':
    var rows = top(req.query.n ? parseInt(req.query.n) : N);
    if (req.format === 'json') return rows;
    return rows.map(r => [r.source, r.destination, r.port, Math.round(r.bps)].join(' ') + '\n').join('');
  case 'peaks':
    return peaks;
  default:
    throw 'not_found';
  }
});

logInfo('top-talkers: measuring');
