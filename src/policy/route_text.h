// text_of(): a test of a route as the policy language writes it: "community=64500:1",
// "as_path =~ \"^64500_\"", "prefix in [10.0.0.0/8]". Pure.
#pragma once

#include <string>

#include "policy/route_test.h"

namespace fabrix::policy {

std::string text_of(const RouteTest& test);

}  // namespace fabrix::policy
