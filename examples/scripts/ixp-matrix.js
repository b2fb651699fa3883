// author: the Fabrix authors
// version: 1.0
// date: 5/4/2026
// description: Traffic between the members of an exchange
//
// PUT /script/ixp-matrix.js/members/json      the members: an IX-F export (Euro-IX JSON schema)
// GET /script/ixp-matrix.js/matrix/json       bits a second from member to member
// GET /script/ixp-matrix.js/matrix/txt        the same for Prometheus
// GET /script/ixp-matrix.js/unknown/json      MAC addresses of nobody, and what they send

var SEP = '_SEP_';
include(scriptdir() + '/inc/members.js');

var members = storeGet('members') || {};
setMap('ixp_member', membersToMacs(members));

setFlow('ixp_pair', {
  keys: 'map:macsource:ixp_member,map:macdestination:ixp_member',
  value: 'bytes', n: 20, t: 15, fs: SEP
});
setFlow('ixp_unknown', {
  keys: 'macsource', filter: 'map:macsource:ixp_member=null', value: 'bytes', t: 15
});

function matrix() {
  return (activeFlows('ALL', 'ixp_pair', 1000, 1, 'edge') || []).map(function(flow) {
    var [srcAsn, srcName, dstAsn, dstName] = flow.key.split(SEP);
    return {src_asn: srcAsn, src_name: srcName, dst_asn: dstAsn, dst_name: dstName,
            bps: flow.value * 8};
  });
}

function prometheus() {
  return matrix().map(r => 'ixp_peering_bps{src="' + r.src_asn + '",dst="' + r.dst_asn + '"} ' +
                           r.bps + '\n').join('');
}

setHttpHandler(function(req) {
  if (req.path.length !== 1) throw 'not_found';
  switch (req.path[0]) {
  case 'matrix':
    return req.format === 'txt' ? prometheus() : matrix();
  case 'members':
    if (req.method === 'GET') return members;
    if (req.error || !req.body || !req.body.member_list) throw 'bad_request';
    members = req.body;
    storeSet('members', members);
    setMap('ixp_member', membersToMacs(members));
    logInfo('ixp-matrix: ' + members.member_list.length + ' members');
    return;
  case 'unknown':
    return (activeFlows('ALL', 'ixp_unknown', 20, 1) || [])
      .map(flow => ({mac: flow.key, bps: flow.value * 8}));
  default:
    throw 'not_found';
  }
});
