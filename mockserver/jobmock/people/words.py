"""Word tables for synthetic people.

The order and the length of every table decide the people of a seed: an edit here changes recorded people, and the
golden digests in the tests fail. Companies, schools and nearly all surnames are invented. Places are real, people are
not.
"""

FIRST_NAMES = (
    "Adaeze", "Agnieszka", "Aiko", "Aisha", "Alejandro", "Amara", "Ananya", "Anders", "Ariadna", "Arjun", "Astrid",
    "Ayşe", "Bastien", "Beatriz", "Birgit", "Callum", "Camila", "Chidi", "Chloé", "Dalia", "Dana", "Davide", "Deepa",
    "Eilidh", "Elif", "Emeka", "Esperanza", "Farid", "Fatima", "Femi", "Freya", "Giulia", "Goran", "Hana", "Haruto",
    "Hedda", "Hyun-woo", "Ifeoma", "Imani", "Inés", "Ingrid", "Ivo", "Jelena", "João", "Joris", "Kaito", "Kamala",
    "Karim", "Katarzyna", "Kofi", "Lakshmi", "Leila", "Linh", "Lucía", "Maeve", "Mariam", "Mateo", "Mei-ling",
    "Milan", "Minh", "Nadia", "Naledi", "Nikhil", "Noor", "Oksana", "Omar", "Pádraig", "Petra", "Quentin", "Rafaela",
    "Renée", "Rohan", "Saoirse", "Sipho", "Sota", "Tamsin", "Thandiwe", "Tomasz", "Yara", "Zofia",
)  # fmt: skip

LAST_NAMES = (
    "Abernorth", "Adebanwe", "Almeraz", "Ambersley", "Anquetaille", "Arvendal", "Ashgrovel", "Bahrendt-Vos",
    "Balcarén", "Bergamasso", "Birchwater", "Bjarkenes", "Brookhallow", "Calderwyke", "Caravello", "Castelmira",
    "Chandravel", "Chukwudaren", "Copperlain", "Crosswicken", "Dalgaardsen", "Devaranth", "Domarczyk", "Drenovic",
    "Dunmarrow", "Eastervale", "Ekwuemene", "Elderbrook", "Fairhollow", "Faulkenray", "Feldmarsch", "Ferrantino",
    "Fjeldhaug", "Galvarez", "Ghoshal-Rey", "Glenmorrow", "Greymarsh", "Halvorstad", "Hartwicken", "Hayashimure",
    "Hollowmere", "Iskandarel", "Jablonecki", "Joharina", "Kalvaiten", "Karimzadel", "Kestrelby", "Kinnaroy",
    "Kitamorino", "Koskelainen", "Kwartemaa", "Larkspurn", "Lindmarker", "Lukoveç", "Maplethorn", "Marchetelli",
    "Mbatharo", "Mirzavelle", "Moreñas", "Nakashiro", "Ndlovane", "Nordenfalk", "Novarekh", "Okonwale", "Olivarra",
    "Osterhagen", "Ottavelli", "Paredonal", "Pemberlake", "Quillfeather", "Rajendravan", "Ravensmarsh", "Sandovera",
    "Silverlund", "Tasmarin", "Thistlewood", "Umarzai", "Valdecruz", "Westerhoek", "Yamasumi",
)  # fmt: skip

NORTH_AMERICA = ("Americas", "Northern America", "AMER")
SOUTH_AMERICA = ("Americas", "South America", "AMER")
OCEANIA = ("Oceania", "Australia and New Zealand", "APAC")

PLACES = (
    # city, region, region's short form, country, ISO 3166-1 alpha-2, alpha-3, regions, language
    ("San Francisco", "California", "CA", "United States", "US", "USA", NORTH_AMERICA, "English"),
    ("New York", "New York", "NY", "United States", "US", "USA", NORTH_AMERICA, "English"),
    ("Austin", "Texas", "TX", "United States", "US", "USA", NORTH_AMERICA, "English"),
    ("Seattle", "Washington", "WA", "United States", "US", "USA", NORTH_AMERICA, "English"),
    ("Chicago", "Illinois", "IL", "United States", "US", "USA", NORTH_AMERICA, "English"),
    ("Toronto", "Ontario", "ON", "Canada", "CA", "CAN", NORTH_AMERICA, "English"),
    ("Montréal", "Quebec", "QC", "Canada", "CA", "CAN", NORTH_AMERICA, "French"),
    ("São Paulo", "São Paulo", "SP", "Brazil", "BR", "BRA", SOUTH_AMERICA, "Portuguese"),
    ("Bogotá", "Capital District", "DC", "Colombia", "CO", "COL", SOUTH_AMERICA, "Spanish"),
    ("Guadalajara", "Jalisco", "JAL", "Mexico", "MX", "MEX", ("Americas", "Central America", "AMER"), "Spanish"),
    ("London", "England", "ENG", "United Kingdom", "GB", "GBR", ("Europe", "Northern Europe", "EMEA"), "English"),
    ("Edinburgh", "Scotland", "SCT", "United Kingdom", "GB", "GBR", ("Europe", "Northern Europe", "EMEA"), "English"),
    ("Dublin", "Leinster", "L", "Ireland", "IE", "IRL", ("Europe", "Northern Europe", "EMEA"), "English"),
    ("Gothenburg", "Västra Götaland", "O", "Sweden", "SE", "SWE", ("Europe", "Northern Europe", "EMEA"), "Swedish"),
    ("Tampere", "Pirkanmaa", "11", "Finland", "FI", "FIN", ("Europe", "Northern Europe", "EMEA"), "Finnish"),
    ("Rotterdam", "South Holland", "ZH", "Netherlands", "NL", "NLD", ("Europe", "Western Europe", "EMEA"), "Dutch"),
    ("Munich", "Bavaria", "BY", "Germany", "DE", "DEU", ("Europe", "Western Europe", "EMEA"), "German"),
    ("Graz", "Styria", "6", "Austria", "AT", "AUT", ("Europe", "Western Europe", "EMEA"), "German"),
    ("Lyon", "Auvergne-Rhône-Alpes", "ARA", "France", "FR", "FRA", ("Europe", "Western Europe", "EMEA"), "French"),
    ("Valencia", "Valencian Community", "VC", "Spain", "ES", "ESP", ("Europe", "Southern Europe", "EMEA"), "Spanish"),
    ("Kraków", "Lesser Poland", "12", "Poland", "PL", "POL", ("Europe", "Eastern Europe", "EMEA"), "Polish"),
    ("İzmir", "İzmir", "35", "Türkiye", "TR", "TUR", ("Asia", "Western Asia", "EMEA"), "Turkish"),
    ("Lagos", "Lagos", "LA", "Nigeria", "NG", "NGA", ("Africa", "Western Africa", "EMEA"), "English"),
    ("Nairobi", "Nairobi County", "30", "Kenya", "KE", "KEN", ("Africa", "Eastern Africa", "EMEA"), "Swahili"),
    ("Cape Town", "Western Cape", "WC", "South Africa", "ZA", "ZAF", ("Africa", "Southern Africa", "EMEA"),
     "Afrikaans"),
    ("Bengaluru", "Karnataka", "KA", "India", "IN", "IND", ("Asia", "Southern Asia", "APAC"), "Kannada"),
    ("Pune", "Maharashtra", "MH", "India", "IN", "IND", ("Asia", "Southern Asia", "APAC"), "Marathi"),
    ("Hanoi", "Hanoi", "HN", "Vietnam", "VN", "VNM", ("Asia", "South-Eastern Asia", "APAC"), "Vietnamese"),
    ("Osaka", "Osaka", "27", "Japan", "JP", "JPN", ("Asia", "Eastern Asia", "APAC"), "Japanese"),
    ("Busan", "Busan", "26", "South Korea", "KR", "KOR", ("Asia", "Eastern Asia", "APAC"), "Korean"),
    ("Melbourne", "Victoria", "VIC", "Australia", "AU", "AUS", OCEANIA, "English"),
    ("Wellington", "Wellington", "WGN", "New Zealand", "NZ", "NZL", OCEANIA, "English"),
)  # fmt: skip

COMPANIES = (
    "Example Robotics", "Example Analytics", "Example Freight", "Example Biolabs", "Example Bank", "Example Energy",
    "Example Foods", "Example Health", "Example Media", "Example Optics", "Example Paper", "Example Rail",
    "Example Security", "Example Software", "Example Textiles", "Example Travel", "Example Water", "Example Games",
    "Example Insurance", "Example Instruments", "Example Materials", "Example Mobility", "Example Networks",
    "Example Outdoor", "Example Payments", "Example Pharma", "Example Photonics", "Example Publishing",
    "Example Retail", "Example Satellites", "Example Semiconductors", "Example Shipping", "Example Studios",
    "Example Telecom", "Example Timber", "Example Ventures", "Example Windpower", "Example Works", "Example Foundry",
    "Example Learning", "Example & Daughters", "Example Aerospace", "Example Architects", "Example Cooperative",
    "Example Data", "Example Forge", "Example Furniture", "Example Hardware", "Example Kitchens", "Example Logistics",
    "Example Motors", "Example Museum", "Example Orchards", "Example Printworks", "Example Properties",
    "Example Sports", "Example Systems", "Example Theatre", "Example Toys", "Example Vision",
)  # fmt: skip

SCHOOLS = (
    "Example State University", "Example Institute of Technology", "Example College", "University of Exampleton",
    "Exampleton School of Economics", "Example Academy of Arts", "Northern Example University",
    "Southern Example University", "Example Polytechnic", "Example Medical School", "Example Law School",
    "Example Business School", "Exampleford State University", "Exampleford Institute of Science",
    "Exampleford College", "University of Exampleford", "Exampleford Conservatoire", "Exampleford Polytechnic",
    "Old Exampleton University", "Example Open University",
)  # fmt: skip

# Lowest first; the number is the yearly pay in thousands of US dollars where a level begins.
LEVELS = (("Specialist", 48), ("Senior", 84), ("Manager", 118), ("Director", 156))

PROFESSIONS = (
    # department, titles by level, skills, fields of study, topics
    (
        "Engineering",
        ("Software Engineer", "Senior Software Engineer", "Engineering Manager", "VP of Engineering"),
        ("Python", "Go", "Distributed Systems", "Kubernetes", "PostgreSQL", "API Design", "Observability", "Rust",
         "Continuous Integration", "Code Review", "Linux", "Load Testing"),
        ("Computer Science", "Computer Engineering", "Mathematics"),
        ("distributed training", "queue back-pressure", "zero-downtime migrations", "typed interfaces",
         "incident reviews", "build caching"),
    ),
    (
        "Data",
        ("Data Analyst", "Senior Data Scientist", "Data Science Manager", "Chief Data Officer"),
        ("Statistics", "Machine Learning", "SQL", "PyTorch", "Forecasting", "Experiment Design", "Data Modelling",
         "R", "Causal Inference", "Data Visualisation", "Feature Stores", "AI Ethics"),
        ("Statistics", "Applied Mathematics", "Physics"),
        ("honest dashboards", "small-sample experiments", "model calibration", "survey weighting", "data contracts",
         "forecast errors"),
    ),
    (
        "Product",
        ("Product Analyst", "Senior Product Manager", "Group Product Manager", "Chief Product Officer"),
        ("Road Maps", "User Research", "Prioritisation", "Pricing", "A/B Testing", "Product Strategy", "Storytelling",
         "Market Sizing", "Onboarding", "Backlog Management", "Analytics", "Workshops"),
        ("Business Administration", "Human-Computer Interaction", "Economics"),
        ("saying no kindly", "pricing pages", "customer interviews", "shorter road maps", "onboarding flows",
         "feature retirement"),
    ),
    (
        "Design",
        ("Product Designer", "Senior Product Designer", "Design Manager", "Head of Design"),
        ("Typography", "Interaction Design", "Design Systems", "Prototyping", "Accessibility", "Illustration",
         "Usability Testing", "Motion Design", "Information Architecture", "Branding", "Wireframing", "Colour Theory"),
        ("Graphic Design", "Industrial Design", "Visual Communication"),
        ("readable forms", "colour contrast", "quiet interfaces", "design tokens", "screen readers", "empty states"),
    ),
    (
        "Security",
        ("Security Analyst", "Senior Security Engineer", "Security Operations Manager", "Chief Security Officer"),
        ("Threat Modelling", "Incident Response", "Cryptography", "Network Security", "Penetration Testing",
         "Identity Management", "Risk Assessment", "Forensics", "Secure Coding", "Cloud Security", "Auditing",
         "Zero Trust"),
        ("Information Security", "Computer Science", "Electrical Engineering"),
        ("key rotation", "phishing drills", "supply chains", "least privilege", "log retention", "recovery rehearsals"),
    ),
    (
        "Research",
        ("Research Associate", "Senior Scientist", "Laboratory Manager", "Director of Research"),
        ("Molecular Biology", "Assay Development", "Microscopy", "Bioinformatics", "Scientific Writing",
         "Cell Culture", "Mass Spectrometry", "Grant Writing", "Protein Engineering", "Genomics", "Peer Review",
         "Lab Safety"),
        ("Biochemistry", "Molecular Biology", "Chemistry"),
        ("reproducible assays", "open protocols", "enzyme stability", "sample tracking", "negative results",
         "shared instruments"),
    ),
    (
        "Finance",
        ("Financial Analyst", "Senior Accountant", "Finance Manager", "Chief Financial Officer"),
        ("Financial Modelling", "Budgeting", "Audit", "Treasury", "Tax Planning", "Valuation", "Cost Accounting",
         "Reporting", "Procurement", "Credit Analysis", "Compliance", "Spreadsheets"),
        ("Accounting", "Finance", "Economics"),
        ("faster month ends", "cash planning", "clear budgets", "unit costs", "audit trails", "currency risk"),
    ),
    (
        "Marketing",
        ("Marketing Coordinator", "Senior Content Strategist", "Marketing Manager", "Chief Marketing Officer"),
        ("Copywriting", "Search Marketing", "Brand Strategy", "Email Campaigns", "Event Planning", "Public Relations",
         "Market Research", "Social Media", "Analytics", "Photography", "Partnerships", "Editing"),
        ("Communication", "Marketing", "Journalism"),
        ("plain language", "long-form stories", "launch checklists", "reader surveys", "brand voice",
         "community events"),
    ),
    (
        "Sales",
        ("Sales Representative", "Senior Account Executive", "Regional Sales Manager", "Chief Revenue Officer"),
        ("Negotiation", "Account Planning", "Forecasting", "Cold Outreach", "Contract Design", "Presentations",
         "Pricing", "Customer Success", "Territory Planning", "Lead Qualification", "Demos", "Listening"),
        ("Business Administration", "International Trade", "Psychology"),
        ("honest pipelines", "useful demos", "renewals", "partner channels", "first meetings", "territory maps"),
    ),
    (
        "Operations",
        ("Logistics Planner", "Senior Operations Analyst", "Operations Manager", "Chief Operating Officer"),
        ("Supply Planning", "Lean Production", "Warehousing", "Route Planning", "Quality Control", "Inventory",
         "Procurement", "Safety", "Process Mapping", "Scheduling", "Vendor Management", "Spreadsheets"),
        ("Logistics", "Industrial Engineering", "Operations Research"),
        ("empty miles", "night shifts", "spare parts", "cold chains", "shorter queues", "safer warehouses"),
    ),
    (
        "Human Resources",
        ("Recruiter", "Senior People Partner", "Talent Manager", "Chief People Officer"),
        ("Interviewing", "Onboarding", "Coaching", "Employment Law", "Compensation", "Workforce Planning",
         "Mediation", "Learning Design", "Payroll", "Employer Branding", "Inclusion", "Surveys"),
        ("Psychology", "Human Resource Management", "Sociology"),
        ("fair interviews", "first weeks", "pay transparency", "exit interviews", "mentoring", "part-time leadership"),
    ),
    (
        "Legal",
        ("Paralegal", "Senior Counsel", "Legal Operations Manager", "General Counsel"),
        ("Contract Law", "Data Protection", "Licensing", "Litigation", "Legal Research", "Negotiation", "Compliance",
         "Intellectual Property", "Drafting", "Corporate Governance", "Arbitration", "Due Diligence"),
        ("Law", "Political Science", "Philosophy"),
        ("readable contracts", "data retention", "open licences", "board minutes", "patent searches",
         "privacy notices"),
    ),
)  # fmt: skip

DEGREES = (("Bachelor of Science", 4), ("Bachelor of Arts", 3), ("Diploma", 2), ("Bachelor of Engineering", 4))  # years
HIGHER_DEGREES = (("Master of Science", 2), ("Master of Arts", 2), ("PhD", 4), ("Master of Research", 1))  # years

DUTIES = (
    "Leading the work on", "Built the first team for", "Responsible for", "Wrote the company's guide to",
    "Reorganised", "Ran a programme on", "Advised three teams on", "Introduced",
)  # fmt: skip
CLOSINGS = ("Happiest when working on", "Always curious about", "Writes and speaks about", "Best known for work on")
POST_OPENINGS = (
    "Excited to share what we learned about", "Three mistakes we made with", "A year of work on",
    "Still thinking about", "Our team is hiring people who care about", "Notes from a talk on",
    "Ask me anything about", "Unpopular opinion on",
)  # fmt: skip
LIKED_OPENINGS = ("Three ways to think about", "A gentle introduction to", "What nobody says about", "Ten years of")
PRAISES = (
    "is an exceptional colleague with deep knowledge of", "taught the whole team to care about",
    "was the person everyone asked about", "brought calm and order to",
)  # fmt: skip
INTERESTS = (
    "Rock Climbing", "Choir Singing", "Chess", "Baking", "Bird Watching", "Cycling", "Film Photography", "Gardening",
    "Hiking", "Pottery", "Board Games", "Volunteering", "Sailing", "Jazz", "Model Railways", "Astronomy",
)  # fmt: skip
