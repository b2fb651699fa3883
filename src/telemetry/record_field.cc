#include "telemetry/record_field.h"

#include "sflow/field_text.h"
#include "sflow/record.h"

namespace fabrix::telemetry {
namespace {

using sflow::Tag;

constexpr Tag kSwitch = Tag::of(0, 1001);
constexpr Tag kQueue = Tag::of(0, 1036);
constexpr Tag kFunction = Tag::of(0, 1038);
constexpr Tag kTransit = Tag::of(0, 1039);
constexpr Tag kDepth = Tag::of(0, 1040);
constexpr Tag kLinuxReason = Tag::of(0, 1042);
constexpr Tag kSocket4 = Tag::of(0, 2100);
constexpr Tag kSocket6 = Tag::of(0, 2101);
constexpr Tag kProxy4 = Tag::of(0, 2102);
constexpr Tag kProxy6 = Tag::of(0, 2103);
constexpr Tag kOldHttp = Tag::of(0, 2201);
constexpr Tag kHttp = Tag::of(0, 2206);
constexpr Tag kApplication = Tag::of(0, 2202);
constexpr Tag kTcp = Tag::of(0, 2209);

constexpr std::array kFields{
    RecordField{"vlansource", "in_vlan", {kSwitch}},
    RecordField{"vlandestination", "out_vlan", {kSwitch}},
    RecordField{"prioritysource", "in_priority", {kSwitch}},
    RecordField{"prioritydestination", "out_priority", {kSwitch}},
    RecordField{"tcprtt", "tcpinfo_rtt_uS", {kTcp}},
    RecordField{"tcprttvar", "tcpinfo_rtt_uS_var", {kTcp}},
    RecordField{"tcprttmin", "tcpinfo_rtt_uS_min", {kTcp}},
    RecordField{"tcpcwndsnd", "tcpinfo_send_congestion_win", {kTcp}},
    RecordField{"tcplost", "tcpinfo_lost_pkts", {kTcp}},
    RecordField{"tcpretrans", "tcpinfo_retrans_pkts", {kTcp}},
    RecordField{"tcpunacked", "tcpinfo_unacked_pkts", {kTcp}},
    RecordField{"tcppmtu", "tcpinfo_path_mtu", {kTcp}},
    RecordField{"tcpmsssnd", "tcpinfo_send_mss", {kTcp}},
    RecordField{"tcpmssrcv", "tcpinfo_receive_mss", {kTcp}},
    RecordField{"tcpreordering", "tcpinfo_reordering", {kTcp}},
    RecordField{"protocol", "socket4_ip_protocol", {kSocket4}},
    RecordField{"serveraddress", "socket4_local_ip", {kSocket4}},
    RecordField{"serveraddress6", "socket6_local_ip", {kSocket6}},
    RecordField{"serverport", "socket4_local_port", {kSocket4}},
    RecordField{"clientaddress", "socket4_remote_ip", {kSocket4}},
    RecordField{"clientaddress6", "socket6_remote_ip", {kSocket6}},
    RecordField{"clientport", "socket4_remote_port", {kSocket4}},
    RecordField{"proxyprotocol", "proxy_socket4_ip_protocol", {kProxy4}},
    RecordField{"proxyserveraddress", "proxy_socket4_local_ip", {kProxy4}},
    RecordField{"proxyserveraddress6", "proxy_socket6_local_ip", {kProxy6}},
    RecordField{"proxyserverport", "proxy_socket4_local_port", {kProxy4}},
    RecordField{"proxyclientaddress", "proxy_socket4_remote_ip", {kProxy4}},
    RecordField{"proxyclientaddress6", "proxy_socket6_remote_ip", {kProxy6}},
    RecordField{"proxyclientport", "proxy_socket4_remote_port", {kProxy4}},
    RecordField{"httpmethod", "http_method", {kHttp, kOldHttp}},
    RecordField{"httpprotocol", "http_protocol", {kHttp, kOldHttp}},
    RecordField{"httphost", "http_host", {kHttp, kOldHttp}},
    RecordField{"httpuseragent", "http_useragent", {kHttp, kOldHttp}},
    RecordField{"httpxff", "http_xff", {kHttp}},
    RecordField{"httpauthuser", "http_authuser", {kHttp, kOldHttp}},
    RecordField{"httpmimetype", "http_mimetype", {kHttp, kOldHttp}},
    RecordField{"httpurl", "http_uri", {kHttp, kOldHttp}},
    RecordField{"httpreferer", "http_referrer", {kHttp, kOldHttp}},
    RecordField{"httpstatus", "http_status", {kHttp, kOldHttp}},
    RecordField{"req_bytes", "http_request_bytes", {kHttp}},
    RecordField{"resp_bytes", "http_bytes", {kHttp, kOldHttp}},
    RecordField{"application", "application", {kApplication}},
    RecordField{"operation", "operation", {kApplication}},
    RecordField{"queue", "egress_queue_id", {kQueue}},
    RecordField{"function", "symbol", {kFunction}},
    RecordField{"queuedepth", "queue_depth_bytes", {kDepth}},
    RecordField{"transitdelay", "transit_delay_nS", {kTransit}},
    RecordField{"linuxdropreason", "linux_drop_reason", {kLinuxReason}},
};

}  // namespace

std::span<const RecordField> record_fields() {
  return kFields;
}

bool append_record_field(const RecordField& field, const sflow::SampledPacket& packet,
                         std::string& out) {
  for (const Tag tag : field.tags) {
    const auto body = tag.value != 0 ? packet.record(tag) : std::nullopt;
    if (!body) continue;
    const sflow::RecordSchema& schema = *sflow::find_flow_schema(tag);
    sflow::FieldCursor cursor(schema, *body);
    while (const auto read = cursor.next()) {
      if (read->schema->name != field.field) continue;
      const std::size_t before = out.size();
      sflow::append_text(read->schema->type, read->value, out);
      // A text without contents is what the agent does not know.
      return out.size() != before;
    }
  }
  return false;
}

}  // namespace fabrix::telemetry
