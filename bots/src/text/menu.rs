//! Our commands as platforms show them in a menu, in every language of ours that platforms tell
//! apart by two letters (Chinese is there once).

/// The commands in the order of the menu.
pub(crate) const NAMES: [&str; 6] = ["ask", "human", "language", "stop", "forget", "help"];

/// Language code (`None` for everybody else) and one description per name.
pub(crate) const LANGUAGES: [(Option<&str>, [&str; 6]); 9] = [
    (None, ENGLISH),
    (Some("en"), ENGLISH),
    (
        Some("es"),
        [
            "Hacer una pregunta",
            "Hablar con una persona",
            "Elegir el idioma",
            "No más respuestas automáticas",
            "Borrar mis datos",
            "Qué puedo hacer aquí",
        ],
    ),
    (
        Some("fr"),
        [
            "Poser une question",
            "Parler à une personne",
            "Choisir la langue",
            "Plus de réponses automatiques",
            "Effacer mes données",
            "Ce que je peux faire ici",
        ],
    ),
    (
        Some("de"),
        [
            "Eine Frage stellen",
            "Mit einem Menschen sprechen",
            "Sprache wählen",
            "Keine automatischen Antworten mehr",
            "Meine Daten löschen",
            "Was hier möglich ist",
        ],
    ),
    (
        Some("el"),
        [
            "Κάντε μια ερώτηση",
            "Μιλήστε με άνθρωπο",
            "Επιλογή γλώσσας",
            "Τέλος στις αυτόματες απαντήσεις",
            "Διαγραφή των δεδομένων μου",
            "Τι μπορώ να κάνω εδώ",
        ],
    ),
    (
        Some("ar"),
        [
            "اطرح سؤالاً",
            "التحدث إلى شخص",
            "اختيار اللغة",
            "إيقاف الردود التلقائية",
            "حذف بياناتي",
            "ماذا يمكنني أن أفعل هنا",
        ],
    ),
    (
        Some("th"),
        ["ถามคำถาม", "คุยกับเจ้าหน้าที่", "เลือกภาษา", "หยุดการตอบอัตโนมัติ", "ลบข้อมูลของฉัน", "ทำอะไรได้บ้างที่นี่"],
    ),
    (
        Some("zh"),
        ["提问", "联系人工客服", "选择语言", "停止自动回复", "删除我的数据", "可以做什么"],
    ),
];

const ENGLISH: [&str; 6] = [
    "Ask a question",
    "Talk to a person",
    "Choose the language",
    "No more automatic replies",
    "Erase my data",
    "What I can do here",
];
