// A moment as RFC 3339 has it, UTC: "2026-05-04T10:11:12.123456Z".
//
// Pure.
#pragma once

#include <chrono>
#include <string>

namespace fabrix::api {

std::string time_text(std::chrono::system_clock::time_point time);

}  // namespace fabrix::api
