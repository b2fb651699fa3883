// AppFiles: the pages of applications, as sFlow-RT has them: a script APP/scripts/NAME.js is the
// application APP's, and what is in APP/html is answered for.
//
//   /app/APP/html/a/b.css     the file APP/html/a/b.css
//   /app/APP/html/a           a folder: on to its index.html
//
// Nothing outside of the folder is read, whatever the path says and wherever symbolic links lead
// (openat2(2) with RESOLVE_BENEATH); neither are files that begin with a dot, nor what is no file.
// At most kMaxFile octets. A file is read when it is asked for; blocking.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace fabrix::analyzer {

// The application whose script that is, by its absolute path; none: it is in no APP/scripts.
std::optional<std::string> application_of(const std::string& script);

class AppFiles {
 public:
  static constexpr std::size_t kMaxFile = std::size_t{8} << 20U;

  AppFiles() = default;

  // Of scripts with these absolute paths. Fails if two applications have one name.
  static Result<AppFiles> of(const std::vector<std::string>& scripts);

  // Whether the request is for such a file.
  static bool is_for_files(const http::Request& request);

  http::Response answer(const http::Request& request) const;

 private:
  std::map<std::string, std::string, std::less<>> folders_;  // of html, by application
};

// By the file's extension, such as "text/css; charset=utf-8"; of what is not known
// "application/octet-stream".
std::string_view content_type_of(std::string_view file);

}  // namespace fabrix::analyzer
