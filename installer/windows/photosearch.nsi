; The installer of PhotoSearch for Windows: for one person, without administrator's rights.
; makensis -DVERSION=0.1.0 -DFOLDER=build\frozen\photosearch -DOUT=dist photosearch.nsi; /S installs silently.
Unicode true
ManifestDPIAware true
ManifestLongPathAware true
RequestExecutionLevel user
SetCompressor /SOLID lzma

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh

!define NAME "PhotoSearch"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"

Name "${NAME}"
OutFile "${OUT}/PhotoSearch-${VERSION}-windows-x64.exe"
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
InstallDirRegKey HKCU "Software\${NAME}" "Folder"
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "${NAME}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "Find your own photos by what is in them"
VIAddVersionKey LegalCopyright "Apache-2.0"

!define MUI_FINISHPAGE_RUN "$INSTDIR\photosearchw.exe"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English
!insertmacro MUI_LANGUAGE SimpChinese

LangString STAYS ${LANG_ENGLISH} "Photos stay where they are, and so does the library in $LOCALAPPDATA\PhotoSearch."
LangString STAYS ${LANG_SIMPCHINESE} "照片保留在原处，$LOCALAPPDATA\PhotoSearch 中的照片库也保留。"
LangString RUNS ${LANG_ENGLISH} "PhotoSearch is running. Close it, then try again."
LangString RUNS ${LANG_SIMPCHINESE} "PhotoSearch 正在运行。请关闭后重试。"

LangString FIND ${LANG_ENGLISH} "Find photos in ${NAME}"
LangString FIND ${LANG_SIMPCHINESE} "在 ${NAME} 中查找照片"

; "Open with" offers it for photos, which stay what they are opened with; a folder's menu has it, too.
!define OPENS "Software\Classes\Applications\photosearchw.exe"
!define FOLDERS "Software\Classes\Directory\shell\${NAME}"
!macro OPENS EXTENSION
  WriteRegStr HKCU "${OPENS}\SupportedTypes" ".${EXTENSION}" ""
!macroend

; A file that a running program holds cannot be replaced; half an update would be worse than none.
!macro STOP_WHERE_IT_RUNS
  ${If} ${FileExists} "$INSTDIR\photosearch.exe"
    ClearErrors
    Rename "$INSTDIR\photosearch.exe" "$INSTDIR\photosearch.exe.held"
    ${If} ${Errors}
      MessageBox MB_OK|MB_ICONSTOP "$(RUNS)" /SD IDOK
      Abort "$(RUNS)"
    ${EndIf}
    Rename "$INSTDIR\photosearch.exe.held" "$INSTDIR\photosearch.exe"
  ${EndIf}
!macroend

Section
  !insertmacro STOP_WHERE_IT_RUNS
  RMDir /r "$INSTDIR\_internal" ; nothing of an older version stays
  SetOutPath "$INSTDIR"
  File /r "${FOLDER}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\photosearchw.exe"
  WriteRegStr HKCU "Software\${NAME}" "Folder" "$INSTDIR"
  ; Win+R and the shells of Windows find it by these.
  WriteRegStr HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths\photosearch.exe" "" "$INSTDIR\photosearch.exe"
  nsExec::Exec 'powershell -NoProfile -Command "$$p=[Environment]::GetEnvironmentVariable(\"Path\",\"User\"); if (-not (\";$$p;\").Contains(\";$INSTDIR;\")) { [Environment]::SetEnvironmentVariable(\"Path\",\"$$p;$INSTDIR\".Trim(\";\"),\"User\") }"'
  Pop $0
  WriteRegStr HKCU "${OPENS}" "FriendlyAppName" "${NAME}"
  WriteRegStr HKCU "${OPENS}\shell\open\command" "" '"$INSTDIR\photosearchw.exe" "%1"'
  !insertmacro OPENS jpg
  !insertmacro OPENS jpeg
  !insertmacro OPENS png
  !insertmacro OPENS webp
  !insertmacro OPENS gif
  !insertmacro OPENS tif
  !insertmacro OPENS tiff
  !insertmacro OPENS bmp
  !insertmacro OPENS avif
  !insertmacro OPENS heic
  !insertmacro OPENS heif
  !insertmacro OPENS cr2
  !insertmacro OPENS cr3
  !insertmacro OPENS nef
  !insertmacro OPENS arw
  !insertmacro OPENS dng
  !insertmacro OPENS raf
  !insertmacro OPENS orf
  !insertmacro OPENS rw2
  !insertmacro OPENS pef
  WriteRegStr HKCU "${FOLDERS}" "" "$(FIND)"
  WriteRegStr HKCU "${FOLDERS}" "Icon" "$INSTDIR\photosearchw.exe"
  WriteRegStr HKCU "${FOLDERS}\command" "" '"$INSTDIR\photosearchw.exe" "%1"'
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\photosearchw.exe"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" "$0"
SectionEnd

Section Uninstall
  !insertmacro STOP_WHERE_IT_RUNS
  Delete "$SMPROGRAMS\${NAME}.lnk"
  nsExec::Exec 'powershell -NoProfile -Command "$$p=[Environment]::GetEnvironmentVariable(\"Path\",\"User\"); [Environment]::SetEnvironmentVariable(\"Path\",((\";$$p;\").Replace(\";$INSTDIR;\",\";\")).Trim(\";\"),\"User\")"'
  Pop $0
  DeleteRegKey HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths\photosearch.exe"
  DeleteRegKey HKCU "${OPENS}"
  DeleteRegKey HKCU "${FOLDERS}"
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "Software\${NAME}"
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\photosearch.exe"
  Delete "$INSTDIR\photosearchw.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DetailPrint "$(STAYS)"
SectionEnd
