// Every case, in one list: what a test replays, here against a Session, elsewhere over a socket.
#pragma once

#include "tests/bgp/malformed_attribute_cases.h"
#include "tests/bgp/malformed_message_cases.h"
#include "tests/bgp/malformed_route_cases.h"

namespace fabrix::bgp {

inline Cases all_malformed_cases() {
  Cases cases;
  add_header_cases(cases);
  add_extended_message_cases(cases);
  add_refresh_cases(cases);
  add_notification_cases(cases);
  add_open_cases(cases);
  add_malformed_capability_cases(cases);
  add_capability_cases(cases);
  add_role_cases(cases);
  add_flag_cases(cases);
  add_path_cases(cases);
  add_length_cases(cases);
  add_value_cases(cases);
  add_two_octet_cases(cases);
  add_unknown_cases(cases);
  add_field_cases(cases);
  add_list_cases(cases);
  add_reach_cases(cases);
  add_next_hop_size_cases(cases);
  add_reach_list_cases(cases);
  add_unreach_cases(cases);
  add_next_hop_cases(cases);
  add_flowspec_cases(cases);
  return cases;
}

}  // namespace fabrix::bgp
