// Members of an exchange as the IX-F export tells them: {"asn name": [MAC, ...]}.
function membersToMacs(ixf) {
  var macs = {};
  (ixf.member_list || []).forEach(function(member) {
    var name = member.asnum + SEP + member.name;
    (member.connection_list || []).forEach(function(connection) {
      (connection.vlan_list || []).forEach(function(vlan) {
        [vlan.ipv4, vlan.ipv6].forEach(function(side) {
          ((side && side.mac_addresses) || []).forEach(function(mac) {
            macs[name] = (macs[name] || []).concat(mac.replace(/:/g, '').toUpperCase());
          });
        });
      });
    });
  });
  return macs;
}
