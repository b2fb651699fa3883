// fabrix-script: runs one script, in a sandbox, for the process that started it.
//
//   fabrix-script MEBIBYTES     of memory for the script
//
// It speaks over its standard output, which is a socket: frames of four octets of length, the first
// the highest, and so much JSON. What comes is work; what is done is told; in between the script's
// calls go out, and each is answered before anything else comes. The script's functions are made of
// three of ours (prelude.js):
//
//   call(text)              asks, and returns the answer
//   tell(text)              says
//   evaluate(source, file)  runs a program
//
// No compiler to machine code: memory that can be executed is what the sandbox forbids. The engine
// is SpiderMonkey, which this file alone knows.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <js/CompilationAndEvaluation.h>
#include <js/CompileOptions.h>
#include <js/Conversions.h>
#include <js/Exception.h>
#include <js/Initialization.h>
#include <js/SourceText.h>
#include <jsapi.h>
#include <jsfriendapi.h>
#include <unistd.h>

#include "script/sandbox.h"

namespace fabrix::script {

// prelude.js and library.js; made when this is built.
extern const std::string_view kPrelude;
extern const std::string_view kLibrary;

namespace {

constexpr int kSocket = 1;
constexpr std::size_t kMaxFrame = std::size_t{16} << 20U;
constexpr std::size_t kStack = std::size_t{512} << 10U;

enum Exit : int { kEnded = 0, kUnusable = 70, kNoMemory = 71, kNoSandbox = 72 };

bool read_all(char* to, std::size_t size) {
  while (size > 0) {
    const ssize_t count = read(kSocket, to, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    to += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

// Who started this is gone if it fails.
std::string receive() {
  std::array<unsigned char, 4> head{};
  if (!read_all(reinterpret_cast<char*>(head.data()), head.size())) _exit(kEnded);
  std::size_t size = 0;
  for (const unsigned char octet : head) size = size << 8U | octet;
  if (size > kMaxFrame) _exit(kUnusable);
  std::string text(size, '\0');
  if (!read_all(text.data(), text.size())) _exit(kEnded);
  return text;
}

void send(std::string_view text) {
  std::string frame;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    frame.push_back(static_cast<char>(text.size() >> shift & 0xffU));
  }
  frame += text;
  std::string_view rest = frame;
  while (!rest.empty()) {
    const ssize_t count = write(kSocket, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) _exit(kEnded);
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
}

// An argument as UTF-8; none if there is no memory for it.
JS::UniqueChars text_of(JSContext* context, JS::HandleValue value) {
  const JS::RootedString string(context, JS::ToString(context, value));
  return string != nullptr ? JS_EncodeStringToUTF8(context, string) : nullptr;
}

JSString* string_of(JSContext* context, std::string_view text) {
  return JS_NewStringCopyUTF8N(context, JS::UTF8Chars(text.data(), text.size()));
}

// Frames that are too long would end us: better an error that the script sees.
JS::UniqueChars message_of(JSContext* context, JS::HandleValue value) {
  JS::UniqueChars text = text_of(context, value);
  if (text && std::strlen(text.get()) > kMaxFrame) {
    JS_ReportErrorASCII(context, "too much data at once");
    return nullptr;
  }
  return text;
}

bool call(JSContext* context, unsigned count, JS::Value* values) {
  const JS::CallArgs arguments = JS::CallArgsFromVp(count, values);
  const JS::UniqueChars text = message_of(context, arguments.get(0));
  if (!text) return false;
  send(text.get());
  JSString* const answer = string_of(context, receive());
  if (answer == nullptr) return false;
  arguments.rval().setString(answer);
  return true;
}

bool tell(JSContext* context, unsigned count, JS::Value* values) {
  const JS::CallArgs arguments = JS::CallArgsFromVp(count, values);
  const JS::UniqueChars text = message_of(context, arguments.get(0));
  if (!text) return false;
  send(text.get());
  arguments.rval().setUndefined();
  return true;
}

bool run(JSContext* context, std::string_view source, const char* file,
         JS::MutableHandleValue result) {
  JS::CompileOptions options(context);
  options.setFileAndLine(file, 1);
  JS::SourceText<mozilla::Utf8Unit> text;
  return text.init(context, source.data(), source.size(), JS::SourceOwnership::Borrowed) &&
         JS::Evaluate(context, options, text, result);
}

bool evaluate(JSContext* context, unsigned count, JS::Value* values) {
  const JS::CallArgs arguments = JS::CallArgsFromVp(count, values);
  const JS::UniqueChars source = text_of(context, arguments.get(0));
  const JS::UniqueChars file = text_of(context, arguments.get(1));
  return source && file && run(context, source.get(), file.get(), arguments.rval());
}

JSObject* new_global(JSContext* context) {
  static constexpr JSClass kClass = {"global", JSCLASS_GLOBAL_FLAGS, &JS::DefaultGlobalClassOps};
  const JS::RealmOptions options;
  return JS_NewGlobalObject(context, &kClass, nullptr, JS::FireOnNewGlobalHook, options);
}

// What the prelude makes of our functions: the one that takes work and returns what came of it.
bool make_worker(JSContext* context, JS::HandleObject global, JS::MutableHandleValue worker) {
  const JS::RootedObject host(context, JS_NewPlainObject(context));
  if (host == nullptr || JS_DefineFunction(context, host, "call", call, 1, 0) == nullptr ||
      JS_DefineFunction(context, host, "tell", tell, 1, 0) == nullptr ||
      JS_DefineFunction(context, host, "evaluate", evaluate, 2, 0) == nullptr) {
    return false;
  }
  JS::RootedValue prelude(context);
  JS::RootedValue library(context);
  JS::RootedValueArray<2> arguments(context);
  arguments[0].setObject(*host);
  if (!run(context, kLibrary, "library.js", &library)) return false;
  arguments[1].set(library);
  return run(context, kPrelude, "prelude.js", &prelude) &&
         JS_CallFunctionValue(context, global, prelude, arguments, worker);
}

// The prelude catches what scripts throw: what is not caught is that there is no memory.
void work(JSContext* context, JS::HandleObject global, JS::HandleValue worker) {
  while (true) {
    JS::RootedValueArray<1> arguments(context);
    JS::RootedValue result(context);
    JSString* const text = string_of(context, receive());
    if (text == nullptr) _exit(kNoMemory);
    arguments[0].setString(text);
    if (!JS_CallFunctionValue(context, global, worker, arguments, &result)) _exit(kNoMemory);
    js::RunJobs(context);
    const JS::UniqueChars done = message_of(context, result);
    if (!done) _exit(kNoMemory);
    send(done.get());
  }
}

int serve(std::size_t memory) {
  if (!drop_privileges()) return kNoSandbox;
  JS::DisableJitBackend();
  if (!JS_Init()) return kUnusable;
  JSContext* const context =
      JS_NewContext(static_cast<std::uint32_t>(std::min<std::size_t>(memory, UINT32_MAX)));
  if (context == nullptr || !js::UseInternalJobQueues(context) ||
      !JS::InitSelfHostedCode(context)) {
    return kUnusable;
  }
  JS_SetNativeStackQuota(context, kStack);
  const JS::RootedObject global(context, new_global(context));
  if (global == nullptr) return kUnusable;
  const JSAutoRealm realm(context, global);
  JS::RootedValue worker(context);
  if (!make_worker(context, global, &worker)) return kUnusable;
  if (!confine(memory)) return kNoSandbox;
  work(context, global, worker);
  return kEnded;
}

}  // namespace
}  // namespace fabrix::script

int main(int count, char** words) {
  const std::size_t mebibytes = count == 2 ? std::strtoull(words[1], nullptr, 10) : 0;
  if (mebibytes == 0) return fabrix::script::kUnusable;
  // What is left is the kernel's to take back.
  _exit(fabrix::script::serve(mebibytes << 20U));
}
