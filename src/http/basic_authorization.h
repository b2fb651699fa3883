// The value of an Authorization field that says a name and a password (RFC 7617). Pure.
#pragma once

#include <string>

namespace fabrix::http {

std::string basic_authorization(const std::string& user, const std::string& password);

}  // namespace fabrix::http
