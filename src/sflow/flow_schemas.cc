// The flow records that are known: sFlow version 5 §5.3.2 and, of sflow.org, sflow_tunnels.txt,
// sflow_drops.txt, sflow_80211.txt, sflow_http.txt, sflow_memcache.txt, sflow_application.txt,
// sflow_transit.txt, and sflow_tcp.txt.
#include <array>

#include "sflow/record.h"

namespace fabrix::sflow {
namespace {

using enum FieldType;

constexpr std::array<FieldSchema, 4> kHEADER{
    {{"headerProtocol"}, {"sampledPacketSize"}, {"strippedBytes"}, {"headerBytes", kOpaque}}};
constexpr std::array<FieldSchema, 4> kETHERNET{
    {{"ethernet_len"}, {"ethernet_src", kMac}, {"ethernet_dst", kMac}, {"ethernet_type"}}};
constexpr std::array<FieldSchema, 8> kIPV4{{{"sampledPacketSize"},
                                            {"IPProtocol"},
                                            {"srcIP", kIpv4},
                                            {"dstIP", kIpv4},
                                            {"srcPort"},
                                            {"dstPort"},
                                            {"TCPFlags"},
                                            {"IPTOS"}}};
constexpr std::array<FieldSchema, 8> kIPV6{{{"sampledPacketSize"},
                                            {"IPProtocol"},
                                            {"srcIP6", kIpv6},
                                            {"dstIP6", kIpv6},
                                            {"srcPort"},
                                            {"dstPort"},
                                            {"TCPFlags"},
                                            {"priority"}}};
constexpr std::array<FieldSchema, 4> kSWITCH{
    {{"in_vlan"}, {"in_priority"}, {"out_vlan"}, {"out_priority"}}};
constexpr std::array<FieldSchema, 3> kROUTER{
    {{"nextHop", kAddress}, {"srcSubnetMask"}, {"dstSubnetMask"}}};
constexpr std::array<FieldSchema, 7> kGATEWAY{{{"bgp_nexthop", kAddress},
                                               {"my_as"},
                                               {"src_as"},
                                               {"src_peer_as"},
                                               {"dst_as_path", kAsPath},
                                               {"BGP_communities", kWords},
                                               {"BGP_localpref"}}};
constexpr std::array<FieldSchema, 4> kUSER{
    {{"src_user_charset"}, {"src_user", kString}, {"dst_user_charset"}, {"dst_user", kString}}};
constexpr std::array<FieldSchema, 3> kURL{{{"url_direction"}, {"url", kString}, {"host", kString}}};
constexpr std::array<FieldSchema, 3> kMPLS{
    {{"mpls_nexthop", kAddress}, {"mpls_input_stack", kLabels}, {"mpls_output_stack", kLabels}}};
constexpr std::array<FieldSchema, 2> kNAT{{{"nat_src", kAddress}, {"nat_dst", kAddress}}};
constexpr std::array<FieldSchema, 3> kMPLSTUNNEL{
    {{"mpls_tunnel_lsp_name", kString}, {"mpls_tunnel_id"}, {"mpls_tunnel_cos"}}};
constexpr std::array<FieldSchema, 3> kMPLSVC{
    {{"mpls_vc_name", kString}, {"mpls_vll_vc_id"}, {"mpls_vc_cos"}}};
constexpr std::array<FieldSchema, 2> kMPLSFTN{{{"mpls_ftn_descr", kString}, {"mpls_ftn_mask"}}};
constexpr std::array<FieldSchema, 1> kMPLSLDPFEC{{{"mpls_fec_addr_prefix_len"}}};
constexpr std::array<FieldSchema, 1> kVLANTUNNEL{{{"vlan_tunnel", kVlanTags}}};
constexpr std::array<FieldSchema, 5> kWIFIPAYLOAD{{{"cipher_suite"},
                                                   {"headerProtocol"},
                                                   {"sampledPacketSize"},
                                                   {"strippedBytes"},
                                                   {"headerBytes", kOpaque}}};
constexpr std::array<FieldSchema, 8> kWIFIRX{{{"rx_SSID", kString},
                                              {"rx_BSSID", kMac},
                                              {"rx_version"},
                                              {"rx_channel"},
                                              {"rx_speed", kU64},
                                              {"rx_rsni"},
                                              {"rx_rcpi"},
                                              {"rx_packet_uS"}}};
constexpr std::array<FieldSchema, 9> kWIFITX{{{"tx_SSID", kString},
                                              {"tx_BSSID", kMac},
                                              {"tx_version"},
                                              {"tx_transmissions"},
                                              {"tx_packet_uS"},
                                              {"tx_retrans_uS"},
                                              {"tx_channel"},
                                              {"tx_speed", kU64},
                                              {"tx_power_mW"}}};
constexpr std::array<FieldSchema, 2> kWIFIAGGREGATION{
    {{"aggregation_num_pdus"}, {"aggregation_pdus", kRest}}};
constexpr std::array<FieldSchema, 2> kNATPORT{{{"nat_src_port"}, {"nat_dst_port"}}};
constexpr std::array<FieldSchema, 4> kTunnelL2OutETHERNET{{{"tunnel_l2_out_ethernet_len"},
                                                           {"tunnel_l2_out_ethernet_src", kMac},
                                                           {"tunnel_l2_out_ethernet_dst", kMac},
                                                           {"tunnel_l2_out_ethernet_type"}}};
constexpr std::array<FieldSchema, 4> kTunnelL2InETHERNET{{{"tunnel_l2_in_ethernet_len"},
                                                          {"tunnel_l2_in_ethernet_src", kMac},
                                                          {"tunnel_l2_in_ethernet_dst", kMac},
                                                          {"tunnel_l2_in_ethernet_type"}}};
constexpr std::array<FieldSchema, 8> kTunnelIpv4OutIPV4{{{"tunnel_ipv4_out_sampledPacketSize"},
                                                         {"tunnel_ipv4_out_IPProtocol"},
                                                         {"tunnel_ipv4_out_srcIP", kIpv4},
                                                         {"tunnel_ipv4_out_dstIP", kIpv4},
                                                         {"tunnel_ipv4_out_srcPort"},
                                                         {"tunnel_ipv4_out_dstPort"},
                                                         {"tunnel_ipv4_out_TCPFlags"},
                                                         {"tunnel_ipv4_out_IPTOS"}}};
constexpr std::array<FieldSchema, 8> kTunnelIpv4InIPV4{{{"tunnel_ipv4_in_sampledPacketSize"},
                                                        {"tunnel_ipv4_in_IPProtocol"},
                                                        {"tunnel_ipv4_in_srcIP", kIpv4},
                                                        {"tunnel_ipv4_in_dstIP", kIpv4},
                                                        {"tunnel_ipv4_in_srcPort"},
                                                        {"tunnel_ipv4_in_dstPort"},
                                                        {"tunnel_ipv4_in_TCPFlags"},
                                                        {"tunnel_ipv4_in_IPTOS"}}};
constexpr std::array<FieldSchema, 8> kTunnelIpv6OutIPV6{{{"tunnel_ipv6_out_sampledPacketSize"},
                                                         {"tunnel_ipv6_out_IPProtocol"},
                                                         {"tunnel_ipv6_out_srcIP6", kIpv6},
                                                         {"tunnel_ipv6_out_dstIP6", kIpv6},
                                                         {"tunnel_ipv6_out_srcPort"},
                                                         {"tunnel_ipv6_out_dstPort"},
                                                         {"tunnel_ipv6_out_TCPFlags"},
                                                         {"tunnel_ipv6_out_priority"}}};
constexpr std::array<FieldSchema, 8> kTunnelIpv6InIPV6{{{"tunnel_ipv6_in_sampledPacketSize"},
                                                        {"tunnel_ipv6_in_IPProtocol"},
                                                        {"tunnel_ipv6_in_srcIP6", kIpv6},
                                                        {"tunnel_ipv6_in_dstIP6", kIpv6},
                                                        {"tunnel_ipv6_in_srcPort"},
                                                        {"tunnel_ipv6_in_dstPort"},
                                                        {"tunnel_ipv6_in_TCPFlags"},
                                                        {"tunnel_ipv6_in_priority"}}};
constexpr std::array<FieldSchema, 1> kOutDecap{{{"out_decap_inner_header_offset"}}};
constexpr std::array<FieldSchema, 1> kInDecap{{{"in_decap_inner_header_offset"}}};
constexpr std::array<FieldSchema, 1> kOutVNI{{{"out_VNI"}}};
constexpr std::array<FieldSchema, 1> kInVNI{{{"in_VNI"}}};
constexpr std::array<FieldSchema, 1> kEgressQueue{{{"egress_queue_id"}}};
constexpr std::array<FieldSchema, 3> kAcl{
    {{"acl_number"}, {"acl_name", kString}, {"acl_direction"}}};
constexpr std::array<FieldSchema, 1> kFunction{{{"symbol", kString}}};
constexpr std::array<FieldSchema, 1> kTransitDelay{{{"transit_delay_nS"}}};
constexpr std::array<FieldSchema, 1> kQueueDepth{{{"queue_depth_bytes"}}};
constexpr std::array<FieldSchema, 2> kHwTrap{
    {{"hw_trap_group", kString}, {"hw_trap_name", kString}}};
constexpr std::array<FieldSchema, 1> kLinuxDropReason{{{"linux_drop_reason", kString}}};
constexpr std::array<FieldSchema, 1> kTimestamp{{{"timestamp_nS", kU64}}};
constexpr std::array<FieldSchema, 5> kSocket4{{{"socket4_ip_protocol"},
                                               {"socket4_local_ip", kIpv4},
                                               {"socket4_remote_ip", kIpv4},
                                               {"socket4_local_port"},
                                               {"socket4_remote_port"}}};
constexpr std::array<FieldSchema, 5> kSocket6{{{"socket6_ip_protocol"},
                                               {"socket6_local_ip", kIpv6},
                                               {"socket6_remote_ip", kIpv6},
                                               {"socket6_local_port"},
                                               {"socket6_remote_port"}}};
constexpr std::array<FieldSchema, 5> kProxySocket4{{{"proxy_socket4_ip_protocol"},
                                                    {"proxy_socket4_local_ip", kIpv4},
                                                    {"proxy_socket4_remote_ip", kIpv4},
                                                    {"proxy_socket4_local_port"},
                                                    {"proxy_socket4_remote_port"}}};
constexpr std::array<FieldSchema, 5> kProxySocket6{{{"proxy_socket6_ip_protocol"},
                                                    {"proxy_socket6_local_ip", kIpv6},
                                                    {"proxy_socket6_remote_ip", kIpv6},
                                                    {"proxy_socket6_local_port"},
                                                    {"proxy_socket6_remote_port"}}};
constexpr std::array<FieldSchema, 7> kMemcache{{{"memcache_op_protocol"},
                                                {"memcache_op_cmd"},
                                                {"memcache_op_key", kString},
                                                {"memcache_op_nkeys"},
                                                {"memcache_op_value_bytes"},
                                                {"memcache_op_duration_uS"},
                                                {"memcache_op_status"}}};
constexpr std::array<FieldSchema, 11> kHttp{{{"http_method"},
                                             {"http_protocol"},
                                             {"http_uri", kString},
                                             {"http_host", kString},
                                             {"http_referrer", kString},
                                             {"http_useragent", kString},
                                             {"http_authuser", kString},
                                             {"http_mimetype", kString},
                                             {"http_bytes", kU64},
                                             {"http_duration_uS"},
                                             {"http_status", kI32}}};
constexpr std::array<FieldSchema, 8> kApplicationOperation{{{"application", kString},
                                                            {"operation", kString},
                                                            {"attributes", kString},
                                                            {"status_descr", kString},
                                                            {"request_bytes", kU64},
                                                            {"response_bytes", kU64},
                                                            {"duration_uS"},
                                                            {"status"}}};
constexpr std::array<FieldSchema, 3> kApplicationContext{{{"server_context_application", kString},
                                                          {"server_context_operation", kString},
                                                          {"server_context_attributes", kString}}};
constexpr std::array<FieldSchema, 1> kApplicationInitiator{{{"actor_initiator", kString}}};
constexpr std::array<FieldSchema, 1> kApplicationTarget{{{"actor_target", kString}}};
constexpr std::array<FieldSchema, 13> kHttp2{{{"http_method"},
                                              {"http_protocol"},
                                              {"http_uri", kString},
                                              {"http_host", kString},
                                              {"http_referrer", kString},
                                              {"http_useragent", kString},
                                              {"http_xff", kString},
                                              {"http_authuser", kString},
                                              {"http_mimetype", kString},
                                              {"http_request_bytes", kU64},
                                              {"http_bytes", kU64},
                                              {"http_duration_uS"},
                                              {"http_status", kI32}}};
constexpr std::array<FieldSchema, 12> kTcpInfo{{{"tcpinfo_direction"},
                                                {"tcpinfo_send_mss"},
                                                {"tcpinfo_receive_mss"},
                                                {"tcpinfo_unacked_pkts"},
                                                {"tcpinfo_lost_pkts"},
                                                {"tcpinfo_retrans_pkts"},
                                                {"tcpinfo_path_mtu"},
                                                {"tcpinfo_rtt_uS"},
                                                {"tcpinfo_rtt_uS_var"},
                                                {"tcpinfo_send_congestion_win"},
                                                {"tcpinfo_reordering"},
                                                {"tcpinfo_rtt_uS_min"}}};
constexpr std::array<FieldSchema, 4> kEntities{{{"entities_src_dsClass"},
                                                {"entities_src_dsIndex"},
                                                {"entities_dst_dsClass"},
                                                {"entities_dst_dsIndex"}}};

constexpr std::string_view kSample = "flowSampleType";
constexpr std::string_view kExtended = "extendedType";

constexpr std::array<RecordSchema, 52> kFlowSchemas{{
    {Tag::of(0, 1), kSample, "HEADER", kHEADER},
    {Tag::of(0, 2), kSample, "ETHERNET", kETHERNET},
    {Tag::of(0, 3), kSample, "IPV4", kIPV4},
    {Tag::of(0, 4), kSample, "IPV6", kIPV6},
    {Tag::of(0, 1001), kExtended, "SWITCH", kSWITCH},
    {Tag::of(0, 1002), kExtended, "ROUTER", kROUTER},
    {Tag::of(0, 1003), kExtended, "GATEWAY", kGATEWAY},
    {Tag::of(0, 1004), kExtended, "USER", kUSER},
    {Tag::of(0, 1005), kExtended, "URL", kURL},
    {Tag::of(0, 1006), kExtended, "MPLS", kMPLS},
    {Tag::of(0, 1007), kExtended, "NAT", kNAT},
    {Tag::of(0, 1008), kExtended, "MPLS_TUNNEL", kMPLSTUNNEL},
    {Tag::of(0, 1009), kExtended, "MPLS_VC", kMPLSVC},
    {Tag::of(0, 1010), kExtended, "MPLS_FTN", kMPLSFTN},
    {Tag::of(0, 1011), kExtended, "MPLS_LDP_FEC", kMPLSLDPFEC},
    {Tag::of(0, 1012), kExtended, "VLAN_TUNNEL", kVLANTUNNEL},
    {Tag::of(0, 1013), kExtended, "WIFI_PAYLOAD", kWIFIPAYLOAD},
    {Tag::of(0, 1014), kExtended, "WIFI_RX", kWIFIRX},
    {Tag::of(0, 1015), kExtended, "WIFI_TX", kWIFITX},
    {Tag::of(0, 1016), kExtended, "WIFI_AGGREGATION", kWIFIAGGREGATION},
    {Tag::of(0, 1020), kExtended, "NAT PORT", kNATPORT},
    {Tag::of(0, 1021), kSample, "tunnel_l2_out_ETHERNET", kTunnelL2OutETHERNET},
    {Tag::of(0, 1022), kSample, "tunnel_l2_in_ETHERNET", kTunnelL2InETHERNET},
    {Tag::of(0, 1023), kSample, "tunnel_ipv4_out_IPV4", kTunnelIpv4OutIPV4},
    {Tag::of(0, 1024), kSample, "tunnel_ipv4_in_IPV4", kTunnelIpv4InIPV4},
    {Tag::of(0, 1025), kSample, "tunnel_ipv6_out_IPV6", kTunnelIpv6OutIPV6},
    {Tag::of(0, 1026), kSample, "tunnel_ipv6_in_IPV6", kTunnelIpv6InIPV6},
    {Tag::of(0, 1027), kExtended, "out_decap", kOutDecap},
    {Tag::of(0, 1028), kExtended, "in_decap", kInDecap},
    {Tag::of(0, 1029), kExtended, "out_VNI", kOutVNI},
    {Tag::of(0, 1030), kExtended, "in_VNI", kInVNI},
    {Tag::of(0, 1036), kExtended, "egress_queue", kEgressQueue},
    {Tag::of(0, 1037), kExtended, "acl", kAcl},
    {Tag::of(0, 1038), kExtended, "function", kFunction},
    {Tag::of(0, 1039), kExtended, "transit_delay", kTransitDelay},
    {Tag::of(0, 1040), kExtended, "queue_depth", kQueueDepth},
    {Tag::of(0, 1041), kExtended, "hw_trap", kHwTrap},
    {Tag::of(0, 1042), kExtended, "linux_drop_reason", kLinuxDropReason},
    {Tag::of(0, 1043), kExtended, "timestamp", kTimestamp},
    {Tag::of(0, 2100), kExtended, "socket4", kSocket4},
    {Tag::of(0, 2101), kExtended, "socket6", kSocket6},
    {Tag::of(0, 2102), kExtended, "proxy_socket4", kProxySocket4},
    {Tag::of(0, 2103), kExtended, "proxy_socket6", kProxySocket6},
    {Tag::of(0, 2200), kSample, "memcache", kMemcache},
    {Tag::of(0, 2201), kSample, "http", kHttp},
    {Tag::of(0, 2202), kSample, "applicationOperation", kApplicationOperation},
    {Tag::of(0, 2203), kSample, "applicationContext", kApplicationContext},
    {Tag::of(0, 2204), kSample, "applicationInitiator", kApplicationInitiator},
    {Tag::of(0, 2205), kSample, "applicationTarget", kApplicationTarget},
    {Tag::of(0, 2206), kSample, "http", kHttp2},
    {Tag::of(0, 2209), kExtended, "tcp_info", kTcpInfo},
    {Tag::of(0, 2210), kExtended, "entities", kEntities},
}};

}  // namespace

std::span<const RecordSchema> flow_schemas() {
  return kFlowSchemas;
}

}  // namespace fabrix::sflow
