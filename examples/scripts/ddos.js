// author: the Fabrix authors
// version: 1.0
// date: 5/4/2026
// description: Tell a controller of floods against addresses of ours, and of their end
// wrapglobals: rt
//
// Properties: ddos.controller, the URL that is told (allow it); ddos.inside, a block of ours;
// ddos.threshold, packets a second; ddos.timeout, seconds until a control is looked at again.
//
// GET    /script/ddos.js/controls/json            what is blocked
// DELETE /script/ddos.js/controls/ADDRESS/json    let it go

var controller = rt.getSystemProperty('ddos.controller');
var threshold = rt.getSystemProperty('ddos.threshold') || 500000;
var timeout = (rt.getSystemProperty('ddos.timeout') || 60) * 1000;

var controls = {};

rt.setGroups('ddos', {inside: [rt.getSystemProperty('ddos.inside') || '10.0.0.0/8']});

rt.setFlow('ddos_udp', {
  keys: 'ipdestination,udpsourceport',
  value: 'frames',
  filter: 'group:ipdestination:ddos=inside',
  values: 'count:ipsource'
});
rt.setFlow('ddos_tcp', {
  keys: 'ipdestination,tcpdestinationport',
  value: 'frames',
  filter: 'group:ipdestination:ddos=inside'
});
rt.setFlow('ddos_icmp', {
  keys: 'ipdestination,icmptype',
  value: 'frames',
  filter: 'group:ipdestination:ddos=inside'
});
var attacks = ['ddos_udp', 'ddos_tcp', 'ddos_icmp'];
attacks.forEach(name =>
  rt.setThreshold(name, {metric: name, value: threshold, byFlow: true, timeout: 10}));

function tell(action, ctl) {
  if (!controller) return;
  var req = {
    url: controller, method: 'POST',
    body: {action: action, ip: ctl.target, attack: ctl.attack, selector: ctl.selector}
  };
  req.error = (problem) => { ctl.status = 'failed'; rt.logWarning('ddos: controller: ' + problem); };
  rt.httpAsync(req, (resp) => {
    ctl.status = resp.status < 300 ? 'blocked' : 'failed';
    rt.logInfo('ddos: controller: ' + resp.status);
  });
}

rt.setEventHandler(function(evt) {
  var [target, selector] = evt.flowKey.split(',');
  if (controls[target]) return;
  var ctl = {target, selector, attack: evt.thresholdID, status: 'pending', time: evt.timestamp, evt};
  controls[target] = ctl;
  rt.logInfo('ddos: ' + ctl.attack + ' ' + target + ' ' + selector);
  tell('block', ctl);
}, attacks);

function release(ctl) {
  delete controls[ctl.target];
  tell('release', ctl);
}

rt.setIntervalHandler(function(now) {
  for (var target in controls) {
    var ctl = controls[target];
    if (now - ctl.time < timeout) continue;
    var {thresholdID, agent, dataSource, metric, flowKey} = ctl.evt;
    if (!rt.thresholdTriggered(thresholdID, agent, dataSource + '.' + metric, flowKey)) release(ctl);
  }
}, 5);

rt.setHttpHandler(function(req) {
  var [what, target] = req.path;
  if (what !== 'controls') throw 'not_found';
  if (req.method === 'DELETE') {
    if (!controls[target]) throw 'not_found';
    release(controls[target]);
    return;
  }
  if (req.path.length > 1) throw 'not_found';
  return Object.values(controls).map(({evt, ...shown}) => shown);
});
