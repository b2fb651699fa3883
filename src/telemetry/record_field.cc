#include "telemetry/record_field.h"

#include "sflow/field_text.h"
#include "sflow/record.h"

namespace fabrix::telemetry {
namespace {

using sflow::Tag;
using At = RecordPlace;

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
constexpr Tag kMemcache = Tag::of(0, 2200);
constexpr Tag kOldHttp = Tag::of(0, 2201);
constexpr Tag kHttp = Tag::of(0, 2206);
constexpr Tag kApplication = Tag::of(0, 2202);
constexpr Tag kTcp = Tag::of(0, 2209);

// sflow_http.txt.
constexpr std::array<std::string_view, 9> kMethods{"OTHER", "OPTIONS", "GET",   "HEAD",   "POST",
                                                   "PUT",   "DELETE",  "TRACE", "CONNECT"};
// sflow_memcache.txt.
constexpr std::array<std::string_view, 3> kProtocols{"OTHER", "ASCII", "BINARY"};
constexpr std::array<std::string_view, 17> kCommands{
    "OTHER", "SET",  "ADD",    "REPLACE", "APPEND", "PREPEND", "CAS",  "GET",  "GETS",
    "INCR",  "DECR", "DELETE", "STATS",   "FLUSH",  "VERSION", "QUIT", "TOUCH"};
constexpr std::array<std::string_view, 10> kStatuses{
    "UNKNOWN", "OK",         "ERROR",  "CLIENT_ERROR", "SERVER_ERROR",
    "STORED",  "NOT_STORED", "EXISTS", "NOT_FOUND",    "DELETED"};

constexpr std::array kFields{
    RecordField{"vlansource", {At{kSwitch, "in_vlan"}}},
    RecordField{"vlandestination", {At{kSwitch, "out_vlan"}}},
    RecordField{"prioritysource", {At{kSwitch, "in_priority"}}},
    RecordField{"prioritydestination", {At{kSwitch, "out_priority"}}},
    RecordField{"tcpdirection", {At{kTcp, "tcpinfo_direction"}}},
    RecordField{"tcprtt", {At{kTcp, "tcpinfo_rtt_uS"}}},
    RecordField{"tcprttvar", {At{kTcp, "tcpinfo_rtt_uS_var"}}},
    RecordField{"tcprttmin", {At{kTcp, "tcpinfo_rtt_uS_min"}}},
    RecordField{"tcpcwndsnd", {At{kTcp, "tcpinfo_send_congestion_win"}}},
    RecordField{"tcplost", {At{kTcp, "tcpinfo_lost_pkts"}}},
    RecordField{"tcpretrans", {At{kTcp, "tcpinfo_retrans_pkts"}}},
    RecordField{"tcpunacked", {At{kTcp, "tcpinfo_unacked_pkts"}}},
    RecordField{"tcppmtu", {At{kTcp, "tcpinfo_path_mtu"}}},
    RecordField{"tcpmsssnd", {At{kTcp, "tcpinfo_send_mss"}}},
    RecordField{"tcpmssrcv", {At{kTcp, "tcpinfo_receive_mss"}}},
    RecordField{"tcpreordering", {At{kTcp, "tcpinfo_reordering"}}},
    RecordField{"protocol",
                {At{kSocket4, "socket4_ip_protocol"}, At{kSocket6, "socket6_ip_protocol"}}},
    RecordField{"serveraddress", {At{kSocket4, "socket4_local_ip"}}},
    RecordField{"serveraddress6", {At{kSocket6, "socket6_local_ip"}}},
    RecordField{"serverport",
                {At{kSocket4, "socket4_local_port"}, At{kSocket6, "socket6_local_port"}}},
    RecordField{"clientaddress", {At{kSocket4, "socket4_remote_ip"}}},
    RecordField{"clientaddress6", {At{kSocket6, "socket6_remote_ip"}}},
    RecordField{"clientport",
                {At{kSocket4, "socket4_remote_port"}, At{kSocket6, "socket6_remote_port"}}},
    RecordField{
        "proxyprotocol",
        {At{kProxy4, "proxy_socket4_ip_protocol"}, At{kProxy6, "proxy_socket6_ip_protocol"}}},
    RecordField{"proxyserveraddress", {At{kProxy4, "proxy_socket4_local_ip"}}},
    RecordField{"proxyserveraddress6", {At{kProxy6, "proxy_socket6_local_ip"}}},
    RecordField{"proxyserverport",
                {At{kProxy4, "proxy_socket4_local_port"}, At{kProxy6, "proxy_socket6_local_port"}}},
    RecordField{"proxyclientaddress", {At{kProxy4, "proxy_socket4_remote_ip"}}},
    RecordField{"proxyclientaddress6", {At{kProxy6, "proxy_socket6_remote_ip"}}},
    RecordField{
        "proxyclientport",
        {At{kProxy4, "proxy_socket4_remote_port"}, At{kProxy6, "proxy_socket6_remote_port"}}},
    RecordField{"httpmethod", {At{kHttp, "http_method"}, At{kOldHttp, "http_method"}}, kMethods},
    RecordField{"httpprotocol", {At{kHttp, "http_protocol"}, At{kOldHttp, "http_protocol"}}},
    RecordField{"httphost", {At{kHttp, "http_host"}, At{kOldHttp, "http_host"}}},
    RecordField{"httpuseragent", {At{kHttp, "http_useragent"}, At{kOldHttp, "http_useragent"}}},
    RecordField{"httpxff", {At{kHttp, "http_xff"}}},
    RecordField{"httpauthuser", {At{kHttp, "http_authuser"}, At{kOldHttp, "http_authuser"}}},
    RecordField{"httpmimetype", {At{kHttp, "http_mimetype"}, At{kOldHttp, "http_mimetype"}}},
    RecordField{"httpurl", {At{kHttp, "http_uri"}, At{kOldHttp, "http_uri"}}},
    RecordField{"httpreferer", {At{kHttp, "http_referrer"}, At{kOldHttp, "http_referrer"}}},
    RecordField{"httpstatus", {At{kHttp, "http_status"}, At{kOldHttp, "http_status"}}},
    RecordField{"req_bytes", {At{kHttp, "http_request_bytes"}, At{kApplication, "request_bytes"}}},
    RecordField{
        "resp_bytes",
        {At{kHttp, "http_bytes"}, At{kOldHttp, "http_bytes"}, At{kApplication, "response_bytes"}}},
    RecordField{"duration",
                {At{kHttp, "http_duration_uS"}, At{kOldHttp, "http_duration_uS"},
                 At{kApplication, "duration_uS"}, At{kMemcache, "memcache_op_duration_uS"}}},
    RecordField{"memcacheprotocol", {At{kMemcache, "memcache_op_protocol"}}, kProtocols},
    RecordField{"memcachecommand", {At{kMemcache, "memcache_op_cmd"}}, kCommands},
    RecordField{"memcachekey", {At{kMemcache, "memcache_op_key"}}},
    RecordField{"memcachestatus", {At{kMemcache, "memcache_op_status"}}, kStatuses},
    RecordField{"application", {At{kApplication, "application"}}},
    RecordField{"operation", {At{kApplication, "operation"}}},
    RecordField{"queue", {At{kQueue, "egress_queue_id"}}},
    RecordField{"function", {At{kFunction, "symbol"}}},
    RecordField{"queuedepth", {At{kDepth, "queue_depth_bytes"}}},
    RecordField{"transitdelay", {At{kTransit, "transit_delay_nS"}}},
    RecordField{"linuxdropreason", {At{kLinuxReason, "linux_drop_reason"}}},
};

// False: there is none.
bool append_value(const RecordField& field, const sflow::Field& read, std::string& out) {
  const auto* const number = std::get_if<std::uint64_t>(&read.value);
  if (number != nullptr && *number < field.names.size()) {
    out += field.names[*number];
    return true;
  }
  const std::size_t before = out.size();
  sflow::append_text(read.schema->type, read.value, out);
  // A text without contents is what the agent does not know.
  return out.size() != before;
}

}  // namespace

std::span<const RecordField> record_fields() {
  return kFields;
}

bool append_record_field(const RecordField& field, const sflow::SampledPacket& packet,
                         std::string& out) {
  for (const RecordPlace& place : field.places) {
    if (place.field.empty()) return false;
    const auto body = packet.record(place.tag);
    if (!body) continue;
    const sflow::RecordSchema& schema = *sflow::find_flow_schema(place.tag);
    sflow::FieldCursor cursor(schema, *body);
    while (const auto read = cursor.next()) {
      if (read->schema->name == place.field) return append_value(field, *read, out);
    }
  }
  return false;
}

}  // namespace fabrix::telemetry
