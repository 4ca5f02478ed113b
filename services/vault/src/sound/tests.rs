//! What a name sounds like, and what does not sound like it.

use proptest::prelude::*;

use super::*;

#[track_caller]
fn said(name: &str, parts: &[&str]) {
    for part in parts {
        assert!(Heard::read(part).is_some_and(|heard| heard.is_of(name)), "{name} is said {part}");
    }
}

#[track_caller]
fn unsaid(name: &str, parts: &[&str]) {
    for part in parts {
        assert!(!Heard::read(part).is_some_and(|heard| heard.is_of(name)), "{name} is not said {part}");
    }
}

#[test]
fn a_name_is_said_in_full_in_part_and_by_its_initials() {
    said("张伟", &["zhangwei", "zhang wei", "ZhangWei", "zhāng wěi", "zw", "z w"]);
    said("張偉", &["zhangwei", "zw"]);
    unsaid("张伟", &["zhang", "wei", "weizhang", "zhangw", "z", "zwa", "wz", "zhangweiwei", "章wei"]);
    said("上海大海贸易有限公司", &["shanghai", "dahai", "dahaimaoyi", "youxian gongsi", "shdh", "shdhmyyxgs"]);
    unsaid("上海大海贸易有限公司", &["sh", "shd", "dhmy", "haishang", "shdhmyyxgsg"]);
    said("西安银行", &["xian", "xi an", "xi'an", "xianyinhang", "xayh"]);
    unsaid("先锋", &["xi an", "xian"]);
    said("先锋", &["xianfeng", "xf"]);
}

#[test]
fn a_surname_with_two_readings_is_found_by_either() {
    let surnames = [
        ("曾", "zeng", "ceng"),
        ("单", "shan", "dan"),
        ("查", "zha", "cha"),
        ("仇", "qiu", "chou"),
        ("解", "xie", "jie"),
        ("区", "ou", "qu"),
        ("朴", "piao", "pu"),
        ("盖", "ge", "gai"),
        ("翟", "zhai", "di"),
        ("万", "wan", "mo"),
        ("乐", "le", "yue"),
    ];
    for (surname, one, other) in surnames {
        said(&format!("{surname}明"), &[&format!("{one}ming"), &format!("{other} ming")]);
        said(&format!("{surname}明"), &[&format!("{}m", &one[..1]), &format!("{}m", &other[..1])]);
    }
    said("尉迟恭", &["yuchigong", "weichigong", "ycg", "wcg"]);
    said("万俟卨", &["moqi"]);
    said("單雄信", &["shanxiongxin", "danxiongxin"]);
}

#[test]
fn u_with_two_dots_is_found_as_it_can_be_typed() {
    said("吕律", &["lvlv", "lülü", "lu:lu:", "lyulyu", "lǚ lǜ", "ll"]);
    unsaid("吕律", &["lulu"]);
    said("略女", &["lvenv", "luenyu", "lüenü"]);
    said("于军", &["yujun", "yvjvn"]);
    // Compatibility forms and radicals are read as what they stand for.
    said("\u{f9e1}\u{2f63}", &["lisheng"]);
}

#[test]
fn what_is_no_sound_is_none() {
    for part in ["", "z", "qing", "dossier", "张伟", "zhang3wei3", "qin5", "ui", "1234", "a.b@c"] {
        assert_eq!(Heard::read(part), None, "{part}");
    }
}

#[test]
fn letters_between_characters_part_a_name_and_other_signs_do_not() {
    said("阿凡提·买买提", &["timai", "afantimaimaiti", "aftm"]);
    said("上海（浦东）", &["haipu", "shpd"]);
    unsaid("上海A浦东", &["haipu", "shpd"]);
    said("上海A浦东", &["shanghai", "pudong", "sh"]);
}

#[test]
fn names_are_alike_that_share_a_reading_of_each_character() {
    assert!(alike("张伟", "章炜") && alike("曾明", "层鸣") && alike("張偉", "张伟"));
    assert!(!alike("张伟", "张伟强") && !alike("张伟", "李伟") && !alike("abc", "abc") && !alike("", ""));
}

#[test]
fn readings_of_the_table_are_readings() {
    for (letter, readings) in POLYPHONES.iter() {
        assert!(readings.len() > 1 && readings.len() < 4, "{letter}");
        assert!(readings.iter().all(|one| SYLLABLES.contains(one) && one.len() <= READING), "{letter} {readings:?}");
        assert_eq!(simplified(*letter), *letter);
        assert!(
            letter.to_pinyin().is_some_and(|one| readings.contains(&one.plain().replace('ü', "v").as_str())),
            "{letter}"
        );
    }
    assert!(SYLLABLES.len() > 400 && SYLLABLES.iter().all(|one| one.bytes().all(|letter| letter.is_ascii_lowercase())));
}

proptest! {
    #[test]
    fn whatever_is_asked_has_an_answer(name: String, part: String) {
        if let Some(heard) = Heard::read(&part) {
            heard.is_of(&name);
            prop_assert!(heard.cuts.len() <= MOST_CUTS && heard.cuts.iter().all(|cut| cut.len() > 1));
        }
        prop_assert!(sounds(&name).pairs.len() <= LONGEST * 9);
    }

    #[test]
    fn a_name_is_said_as_it_is_read(name in "[张伟王小明国强丽华军芳娜]{2,5}") {
        let read: String = stretches(&name)[0].iter().map(|readings| format!("{} ", readings[0])).collect();
        said(&name, &[&read]);
        let initials: String = stretches(&name)[0].iter().map(|readings| initial(readings[0])).collect();
        said(&name, &[&initials]);
        prop_assert!(alike(&name, &name));
    }
}
