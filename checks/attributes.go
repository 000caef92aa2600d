package checks

// AttributesName is what git calls the files that give attributes to others.
const AttributesName = ".gitattributes"
