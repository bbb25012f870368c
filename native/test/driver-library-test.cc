#include "../core/driver-library.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>

#include "../core/sha256.h"
#include "check.h"
#include "expect-error.h"
#include "temporary-tree.h"

namespace {

std::string sha256(const std::string& text) {
  catapult::Sha256 hash;
  for (const char& letter : text) hash.update(std::as_bytes(std::span(&letter, 1)));
  return hash.finish();
}

// The examples that NIST publishes with FIPS 180-4, and the padding's edges.
void test_sha256() {
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256(std::string(1'000'000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/// A folder that only this user can write, below one that everybody can (with the sticky bit).
struct Plugins {
  explicit Plugins(const std::string& built) : built(built) {}
  std::string copy(const char* name, mode_t mode = 0644) const {
    const std::string path = tree.path(name);
    std::filesystem::copy_file(built + "/" + name, path);
    CHECK(::chmod(path.c_str(), mode) == 0);
    return path;
  }
  const std::string built;
  test::TemporaryTree tree;
};

catapult::DriverLibrary load(const std::string& path) { return catapult::load_driver_library(path, ::geteuid()); }

void note(void* context, int32_t, const char* text) { *static_cast<std::string*>(context) = text; }

void test_echo(const Plugins& plugins) {
  const auto library = load(plugins.copy("echo.so"));
  CHECK(library.sha256.size() == 64 && library.path.ends_with("/echo.so"));
  const edgeslot_driver& driver = library.table;
  CHECK(std::strcmp(driver.name, "echo") == 0 && driver.minor == 0);
  CHECK(driver.health == nullptr && driver.describe == nullptr);

  edgeslot_device_info info{};
  info.size = sizeof info;
  std::uint32_t count = 0;
  CHECK(driver.enumerate(&info, 1, &count) == EDGESLOT_OK && count == 1 && std::strcmp(info.id, "echo0") == 0);
  std::string logged;
  const edgeslot_host host{sizeof host, 0, &logged, note};
  edgeslot_device* device = nullptr;
  CHECK(driver.open("other", 0, &host, &device) == EDGESLOT_NO_DEVICE);
  CHECK(driver.open(info.id, 0, &host, &device) == EDGESLOT_OK && logged == "echo: opened");
  CHECK(driver.open(info.id, 0, &host, &device) == EDGESLOT_BUSY);

  edgeslot_image image{};
  image.size = sizeof image;
  image.data = "graph";
  image.bytes = 5;
  edgeslot_model* model = nullptr;
  CHECK(driver.load(device, &image, 1000, &model) == EDGESLOT_OK);
  CHECK(driver.load(device, &image, 1000, &model) == EDGESLOT_BUSY);
  edgeslot_tensor in{}, out{};
  CHECK(driver.tensors(model, &in, &out) == EDGESLOT_OK && in.bytes == 64 && out.bytes == 64);
  edgeslot_buffer input{}, output{};
  CHECK(driver.allocate(device, in.bytes, EDGESLOT_TO_CARD, &input) == EDGESLOT_OK);
  CHECK(driver.allocate(device, out.bytes, EDGESLOT_FROM_CARD, &output) == EDGESLOT_OK);
  std::memset(input.data, 42, in.bytes);
  edgeslot_request request{sizeof request, 1000, 0x700000001, &input, &output};
  CHECK(driver.submit(device, model, &request) == EDGESLOT_OK);
  request.id++;
  CHECK(driver.submit(device, model, &request) == EDGESLOT_OK);
  CHECK(driver.submit(device, model, &request) == EDGESLOT_AGAIN);
  std::array<edgeslot_completion, 4> done{};
  CHECK(driver.reap(device, done.data(), 4, 1000, &count) == EDGESLOT_OK && count == 2);
  CHECK(done[0].id == 0x700000001 && done[1].id == 0x700000002 && done[0].output_bytes == 64);
  CHECK(std::memcmp(input.data, output.data, 64) == 0);
  CHECK(driver.reap(device, done.data(), 4, 1, &count) == EDGESLOT_TIMEOUT && count == 0);
  CHECK(driver.wake(device) == EDGESLOT_OK);
  CHECK(driver.reap(device, done.data(), 4, 60'000, &count) == EDGESLOT_OK && count == 0);
  CHECK(driver.reset(device, EDGESLOT_RESET_ROLE) == EDGESLOT_OK);
  CHECK(driver.submit(device, model, &request) == EDGESLOT_INVALID);
  CHECK(driver.release(device, &input) == EDGESLOT_OK && driver.release(device, &output) == EDGESLOT_OK);
  CHECK(driver.close(device, EDGESLOT_CLOSE_AT_ONCE, 0) == EDGESLOT_OK);
}

void test_refused_tables(const Plugins& plugins) {
  const auto refused = [&](const char* name, const std::string& reason) {
    const std::string path = plugins.copy(name);
    CHECK_ERROR(incompatible, path + ": " + reason, load(path));
  };
  refused("echo-no-symbol.so", "it does not export edgeslot_driver_query");
  refused("echo-wrong-major.so", "driver table version 2.0: expected major version 1");
  refused("echo-short.so", "its driver table of 96 bytes lacks functions that running a model needs");
  refused("echo-tiny.so", "its driver table of 6 bytes holds no version");
  CHECK_ERROR(incompatible, "x: it has no driver table for version 1.0", catapult::checked_table(nullptr, "x"));
}

// A newer library has a longer table: what we do not know is not looked at, and nothing is read beyond its size.
void test_longer_table(const Plugins& plugins) {
  struct Longer {
    edgeslot_driver known;
    void* appended[4];
  } longer{load(plugins.tree.path("echo.so")).table, {}};
  longer.known.size = sizeof longer;
  longer.known.minor = 9;
  CHECK(catapult::checked_table(&longer.known, "x").minor == 9);
}

void test_refused_files(const Plugins& plugins) {
  CHECK_ERROR(invalid, "driver library: expected an absolute path, found echo.so", load("echo.so"));
  CHECK_ERROR(no_device, "driver library " + plugins.tree.path("absent.so") + ": ENOENT",
              load(plugins.tree.path("absent.so")));
  const std::string directory = plugins.tree.directory("folder");
  CHECK_ERROR(incompatible, "driver library: " + directory + " is no file", load(directory));
  const std::string text = plugins.tree.file("text.so", "no library");
  CHECK(::chmod(text.c_str(), 0644) == 0);
  CHECK_ERROR(incompatible, "driver library: " + text, load(text));

  const std::string path = plugins.tree.path("echo.so");
  for (const mode_t mode : {0664, 0646}) {
    CHECK(::chmod(path.c_str(), mode) == 0);
    CHECK_ERROR(access, "driver library refused: " + path + " is writable by group or others", load(path));
  }
  CHECK(::chmod(path.c_str(), 0644) == 0);
  std::filesystem::create_symlink(path, plugins.tree.path("link.so"));
  CHECK(load(plugins.tree.path("link.so")).path == path);

  const std::string folder = plugins.tree.directory("open");
  CHECK(::chmod(folder.c_str(), 0777) == 0);
  std::filesystem::copy_file(path, folder + "/echo.so");
  CHECK_ERROR(access, "driver library refused: " + folder + " is writable by group or others",
              load(folder + "/echo.so"));
  if (::geteuid() == 0) {
    CHECK(::chown(path.c_str(), 1000, 1000) == 0);
    CHECK_ERROR(access, "driver library refused: " + path + " belongs to user 1000, not to root", load(path));
  } else {
    CHECK_ERROR(access, "driver library refused: " + path + " belongs to user", catapult::load_driver_library(path));
  }
}

}  // namespace

/// `built` is the folder with the plug-ins that the Makefile builds.
void test_driver_library(const std::string& built) {
  test_sha256();
  const Plugins plugins(built);
  test_echo(plugins);
  test_refused_tables(plugins);
  test_longer_table(plugins);
  test_refused_files(plugins);
}
