#!/usr/bin/env bash
# Signs PhotoSearch.app, makes a disk image of it, and has Apple notarise it. Run on macOS after PyInstaller:
#   installer/macos/build.sh build/frozen/PhotoSearch.app dist/PhotoSearch-0.1.0-macos-arm64.dmg
# SIGN_AS (a "Developer ID Application" in the keychain) unset: signed ad hoc, for this computer alone.
# NOTARY_PROFILE (of `xcrun notarytool store-credentials`) unset: not notarised.
set -euo pipefail
app=$1 image=$2
here=$(cd "$(dirname "$0")" && pwd)

codesign --force --deep --timestamp --options runtime --entitlements "$here/entitlements.plist" \
  --sign "${SIGN_AS:--}" "$app"
codesign --verify --deep --strict "$app"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -R "$app" "$folder/"
ln -s /Applications "$folder/Applications"
mkdir -p "$(dirname "$image")"
hdiutil create -volname PhotoSearch -srcfolder "$folder" -ov -format UDZO "$image"

if [ -n "${SIGN_AS:-}" ]; then
  codesign --force --timestamp --sign "$SIGN_AS" "$image"
fi
if [ -n "${NOTARY_PROFILE:-}" ]; then
  xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
  xcrun stapler staple "$image"
fi
